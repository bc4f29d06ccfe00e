import type { Volume } from '../../kubernetes/objects.ts';
import type { ApplicationSpec, Role } from './role.ts';

/** Volumes of this prefix are Spark's scratch space. */
const LOCAL_DIR_PREFIX = 'spark-local-dir-';

/**
 * The options by which Spark's configuration describes a volume; undefined where a pod template is needed, which works
 * for scratch space too.
 */
function sparkVolume({ emptyDir, hostPath, nfs, persistentVolumeClaim }: Volume):
  | {
      readonly type: string;
      readonly readOnly?: boolean | undefined;
      readonly options: Readonly<Record<string, string | undefined>>;
    }
  | undefined {
  if (emptyDir) return { type: 'emptyDir', options: { medium: emptyDir.medium, sizeLimit: emptyDir.sizeLimit } };
  if (hostPath) return { type: 'hostPath', options: { path: hostPath.path, type: hostPath.type } };
  if (nfs) return { type: 'nfs', readOnly: nfs.readOnly, options: { path: nfs.path, server: nfs.server } };
  if (persistentVolumeClaim) {
    const { claimName, readOnly } = persistentVolumeClaim;
    return { type: 'persistentVolumeClaim', readOnly, options: { claimName } };
  }
  return undefined;
}

/** True for a volume that `localDirConf` describes, so that it stays out of the pod template. */
export const isLocalDirOfSpark = (volume: Volume): boolean =>
  volume.name.startsWith(LOCAL_DIR_PREFIX) && sparkVolume(volume) !== undefined;

/** `spark.kubernetes.<role>.volumes.*` for the scratch volumes that the role mounts. */
export function localDirConf(spec: ApplicationSpec, role: Role): Record<string, string | boolean | undefined> {
  const conf: Record<string, string | boolean | undefined> = {};
  for (const mount of spec[role].volumeMounts ?? []) {
    const volume = spec.volumes?.find(({ name }) => name === mount.name);
    const source = volume !== undefined && isLocalDirOfSpark(volume) ? sparkVolume(volume) : undefined;
    const prefix = `spark.kubernetes.${role}.volumes.${source?.type}.${mount.name}`;
    // Spark mounts a volume once; the pod template has its other mounts.
    if (source === undefined || conf[`${prefix}.mount.path`] !== undefined) continue;
    conf[`${prefix}.mount.path`] = mount.mountPath;
    conf[`${prefix}.mount.subPath`] = mount.subPath;
    conf[`${prefix}.mount.subPathExpr`] = mount.subPathExpr;
    conf[`${prefix}.mount.readOnly`] = mount.readOnly === true || source.readOnly === true ? true : undefined;
    for (const [option, value] of Object.entries(source.options)) conf[`${prefix}.options.${option}`] = value;
  }
  return conf;
}
