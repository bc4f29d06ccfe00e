# Starts a containerd of its own in the directory given and loads the image layout in it.
set -eu
cd "$1"

containerd --config config.toml > containerd.log 2>&1 &
containerd=$!
tries=0
until ctr --address socket version > /dev/null 2>&1; do
  tries=$((tries + 1))
  if [ $tries -gt 300 ] || ! kill -0 $containerd 2> /dev/null; then
    tail -n 15 containerd.log >&2
    exit 1
  fi
  sleep 0.1
done

tar -C layout --dereference -cf - . | ctr --address socket --namespace k8s.io images import -

# Ends in order, so that its databases are whole.
kill $containerd
wait $containerd || true
