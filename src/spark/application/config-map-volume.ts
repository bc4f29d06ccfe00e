import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { MountedVolume } from '../driver-spec.ts';

const MAX_LABEL_LENGTH = 63;

/** A ConfigMap mounted read-only; its volume is named as the operator names it. */
export function configMapVolume(configMap: string, mountPath: string, name = volumeName(configMap)): MountedVolume {
  return {
    volume: { name, configMap: { name: configMap } },
    mount: { name, mountPath, readOnly: true },
  };
}

/** `<name>-vol`, or where that is no DNS label a shortened name with a hash. */
function volumeName(configMap: string): string {
  const name = `${configMap}-vol`;
  if (name.length <= MAX_LABEL_LENGTH && !name.includes('.')) return name;
  const hash = bytesToHex(sha256(utf8ToBytes(configMap))).slice(0, 8);
  const suffix = `-${hash}-vol`;
  return `${configMap.replaceAll('.', '-').slice(0, MAX_LABEL_LENGTH - suffix.length)}${suffix}`;
}
