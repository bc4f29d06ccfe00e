import type { MountedVolume } from '../driver/driver-spec.ts';
import { shortHash, volumeName } from './companion-name.ts';

/** A ConfigMap mounted read-only; its volume is named as the operator names it. */
export function configMapVolume(configMap: string, mountPath: string, name = volumeOf(configMap)): MountedVolume {
  return {
    volume: { name, configMap: { name: configMap } },
    mount: { name, mountPath, readOnly: true },
  };
}

/** `<name>-vol`; where that is not a DNS label, shortened, without dots and with a hash. */
export const volumeOf = (object: string): string =>
  volumeName(object.includes('.') ? `${object.replaceAll('.', '-')}-${shortHash(object)}` : object);
