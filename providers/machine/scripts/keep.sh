# Keeps the firewall of the attempt whose stamp is the argument, also over a reboot, and prints the table as JSON.
# Exit code 11: the former one is back already.
set -eu
stamp=$1
cd /run/plat/firewall
exec 9>lock
flock 9
[ -e "open.$stamp" ] || exit 11
# The connection may have been lost before this was done.
nft --file "new.$stamp"

mkdir -p /etc/nftables.d
cp "new.$stamp" /etc/nftables.d/plat.nft.new
chmod 644 /etc/nftables.d/plat.nft.new
mv /etc/nftables.d/plat.nft.new /etc/nftables.d/plat.nft
# A pattern, as a file that is named has to be there.
line='include "/etc/nftables.d/plat*.nft"'
if [ ! -e /etc/nftables.conf ]; then
    echo '#!/usr/sbin/nft -f' >/etc/nftables.conf
    chmod 755 /etc/nftables.conf
fi
grep -qxF "$line" /etc/nftables.conf || printf '\n# Rules of Plat\n%s\n' "$line" >>/etc/nftables.conf
# It loads /etc/nftables.conf before the network is up, and so before Docker; starting it now would flush Docker's rules.
if [ -d /run/systemd/system ]; then
    systemctl --quiet enable nftables.service
fi
rm "open.$stamp" former
nft -j list table inet plat
