# Says what a machine has: a line each of name, exit code and words, apart by tabs. Arguments: what to ask, any of
# `cloud-init`, `docker`. Changes nothing.
found() {
    name=$1
    shift
    words=$("$@" 2>&1)
    code=$?
    printf '%s\t%s\t%s\n' "$name" "$code" "$(printf %s "$words" | tr '\n\t' '  ')"
}

found boot cat /proc/sys/kernel/random/boot_id
for asked in "$@"; do
    case $asked in
    cloud-init) found cloud-init cloud-init status --long ;;
    docker) found docker timeout 20 docker version --format '{{.Server.Version}}' ;;
    esac
done
if [ "$(id -u)" = 0 ]; then
    found nft nft --version
else
    found root sudo -n true
    found nft sudo -n nft --version
fi
