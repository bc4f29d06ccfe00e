import type { MountedVolume } from '../driver-spec.ts';
import { companionName, shortHash } from './companion-name.ts';

/** A ConfigMap mounted read-only; its volume is named as the operator names it. */
export function configMapVolume(configMap: string, mountPath: string, name = volumeName(configMap)): MountedVolume {
  return {
    volume: { name, configMap: { name: configMap } },
    mount: { name, mountPath, readOnly: true },
  };
}

/** `<name>-vol`; where that is no DNS label, shortened, without dots and with a hash. */
function volumeName(configMap: string): string {
  return configMap.includes('.')
    ? companionName(`${configMap.replaceAll('.', '-')}-${shortHash(configMap)}`, 'vol')
    : companionName(configMap, 'vol');
}
