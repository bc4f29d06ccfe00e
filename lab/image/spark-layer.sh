# Spark as PyPI's pyspark holds it, with the places it has in a Spark release; the entrypoint; a jar of our examples.
# Arguments: an empty directory to work in, the archive to write, Spark's version, the base layer's archive.
# Needs root, pip and a Python package index.
set -eu
work=$1 archive=$2 version=$3 base=$4
here=$(dirname "$(realpath "$0")")
root=$work/root
spark=$root/opt/spark

pip3 download --quiet --no-deps --no-binary pyspark --dest "$work/download" "pyspark==$version"
mkdir "$work/source" "$root"
tar -C "$work/source" --strip-components=1 -xf "$work"/download/*

tar -C "$root" -xf "$base"
mkdir -p "$spark/python" "$spark/examples/src/main" "$spark/examples/jars" "$spark/work-dir"
cd "$work/source"
rm deps/bin/*.cmd
mv deps/bin deps/sbin deps/jars deps/data deps/licenses "$spark"
mv deps/examples "$spark/examples/src/main/python"
mv pyspark lib "$spark/python"
chmod g+w "$spark/work-dir"
install -m 755 "$here/files/entrypoint.sh" "$here/files/decom.sh" "$root/opt"

# A JRE holds the modules of the compiler, if not its commands. Java finds its libraries by way of /proc.
cp -r "$here/examples" "$root/tmp/examples"
mount -t proc proc "$root/proc"
chroot "$root" sh -eu << 'END'
cd /tmp/examples
jars=$(printf %s: /opt/spark/jars/*.jar)
# The option lets OutOfMemory use sun.misc.Unsafe without a warning.
java -m jdk.compiler/com.sun.tools.javac.Main -XDignore.symbol.file -cp "$jars" -d classes ./*.java
java -m jdk.jartool/sun.tools.jar.Main --create --file /opt/spark/examples/jars/spark-examples.jar -C classes .
END

# As in the official image: a user and a group `spark`, who own Spark and the work directory.
chroot "$root" sh -eu << 'END'
groupadd --system --gid 185 spark
usermod --gid 185 --home /nonexistent spark
chown -R 0:0 /opt
chown -R 185:185 /opt/spark
END

tar -C "$root" --numeric-owner -cf "$archive" ./opt ./etc/passwd ./etc/group
