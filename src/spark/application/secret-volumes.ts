import { labelFault } from '../../pod-rules/index.ts';
import type { MountedVolume } from '../driver/driver-spec.ts';
import { volumeOf } from './config-map-volume.ts';
import type { RoleSpec } from './role.ts';

type Secrets = NonNullable<RoleSpec['secrets']>;

/** The name that Spark gives the volume of a Secret. */
const nameBySpark = (secret: string): string => `${secret}-volume`;

/** Spark names a volume after its Secret, which may have dots and more characters than a volume's name takes. */
const isMountedBySpark = (secret: string): boolean => labelFault(nameBySpark(secret)) === undefined;

/** Path by Secret, as Spark's configuration has it: one each. */
export function secretConf(secrets: Secrets): Record<string, string> {
  const conf: Record<string, string> = {};
  for (const { name, path } of secrets) if (isMountedBySpark(name)) conf[name] ??= path;
  return conf;
}

/** What Spark's configuration cannot express: a Secret whose name cannot be a volume's, and one at a second path. */
export function secretVolumes(secrets: Secrets): MountedVolume[] {
  const seen = new Set<string>();
  return secrets.flatMap(({ name: secretName, path: mountPath }): MountedVolume[] => {
    const isFirst = !seen.has(secretName);
    seen.add(secretName);
    if (isMountedBySpark(secretName)) return isFirst ? [] : [{ mount: { name: nameBySpark(secretName), mountPath } }];
    const name = volumeOf(secretName);
    return [{ ...(isFirst && { volume: { name, secret: { secretName } } }), mount: { name, mountPath } }];
  });
}
