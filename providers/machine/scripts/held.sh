# Prints what is in a volume of Docker's: whose it is, then a line for each file with its SHA-256. Changes nothing.
# Arguments: volume, `files` or `owner`.
set -eu
folder=$(docker volume inspect --format '{{.Mountpoint}}' "$1")
stat --format '%u:%g %a' "$folder"
[ "$2" = files ] || exit 0
cd "$folder" && sha256sum -- *
