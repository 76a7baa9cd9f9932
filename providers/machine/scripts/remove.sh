# Removes the firewall. What is gone already is no error.
set -eu
umask 077
mkdir -p /run/plat/firewall
cd /run/plat/firewall
exec 9>lock
flock 9
rm -f open.* new.* former /etc/nftables.d/plat.nft
# Declared first, so that deleting it never fails.
printf 'table inet plat\ndelete table inet plat\n' | nft --file -
