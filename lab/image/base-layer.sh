# Debian with Java, Python and a user `spark` (UID 185, group root), for Spark of any version.
# Arguments: an empty directory to work in, the archive to write. Needs root, debootstrap and a Debian mirror.
set -eu
root=$1/root archive=$2

# python3 and not python3-minimal: pyspark imports json. tini runs as PID 1, decom.sh needs ps.
packages=openjdk-17-jre-headless,python3,tini,procps
debootstrap --variant=minbase --include=$packages bookworm "$root"

chroot "$root" useradd --uid 185 --gid 0 --home-dir /opt/spark --no-create-home spark
# The entrypoint adds a line for an arbitrary UID, whose group is root.
chmod g+w "$root/etc/passwd"

tar -C "$root" --numeric-owner \
  --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' \
  --exclude='./var/cache/apt/*' --exclude='./var/lib/apt/lists/*' --exclude='./var/log/*' \
  --exclude='./usr/share/doc/*' --exclude='./usr/share/info/*' --exclude='./usr/share/locale/*' \
  --exclude='./usr/share/man/*' \
  -cf "$archive" .
