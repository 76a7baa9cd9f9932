# Takes a new firewall (standard input) into use, for now: arguments are a stamp of this attempt and the seconds after
# which the former one comes back unless `keep.sh` has been called with that stamp. Exit code 10: nft refuses the rules.
set -eu
stamp=$1 seconds=$2
folder=/run/plat/firewall
umask 077
mkdir -p "$folder"
cd "$folder"
exec 9>lock
flock 9

cat >"new.$stamp"
nft --check --file "new.$stamp" || {
    rm "new.$stamp"
    exit 10
}
# Rules that nobody has confirmed are never those to come back to.
if [ -z "$(find . -name 'open.*')" ]; then
    {
        echo 'table inet plat'
        echo 'delete table inet plat'
        nft list table inet plat 2>/dev/null || :
    } >former
fi
rm -f open.*
: >"open.$stamp"
setsid sh -c '
    sleep "$1"
    exec 9>lock
    flock 9
    if [ -e "open.$2" ]; then
        nft --file former
        rm "open.$2"
    fi
    rm -f "new.$2"
' back "$seconds" "$stamp" 9>&- </dev/null >/dev/null 2>&1 &
nft --file "new.$stamp"
