# Gives a volume of Docker's to a user and, with `files`, makes of it what the tar archive on standard input holds.
# Arguments: volume, user, `files` or `owner`.
set -eu
folder=$(docker volume inspect --format '{{.Mountpoint}}' "$1")
chown "$2:$2" "$folder"
chmod 0700 "$folder"
[ "$3" = files ] || exit 0
find "$folder" -mindepth 1 -delete
tar --extract --file - --directory "$folder" --same-owner --preserve-permissions
