# Prints the table as JSON (an empty line where there is none), the digest of what is loaded at boot, and whether it is.
# Changes nothing.
nft -j list table inet plat 2>/dev/null || echo
sha256sum /etc/nftables.d/plat.nft 2>/dev/null || echo none
if ! grep -qxF 'include "/etc/nftables.d/plat*.nft"' /etc/nftables.conf 2>/dev/null; then
    echo '/etc/nftables.conf does not include /etc/nftables.d/plat.nft'
elif [ -d /run/systemd/system ] && ! systemctl --quiet is-enabled nftables.service; then
    echo 'nftables.service is not enabled'
else
    echo loaded
fi
