import type { PersistentVolumeClaim, Volume, VolumeMount } from '../../../kubernetes/objects.ts';
import type { Role } from '../../application/role.ts';
import { formats } from '../../../validation/formats.ts';
import { booleanOf, withPrefix, type SparkConf } from '../../spark-conf.ts';
import { addDependents, addVolumes, type DriverContext, type FeatureStep } from '../driver-spec.ts';
import { refuseInvalid } from '../../submission-refused.ts';

/** `spark.kubernetes.ROLE.volumes.TYPE.NAME.*`. */
export const mountVolumesStep = (role: Role): FeatureStep => ({
  className: 'MountVolumesFeatureStep',
  keys: [prefixOf(role)],
  apply(pod, context) {
    const volumes = volumesOf(context.conf, role);
    refuseSameMountPath(volumes);
    const mounted = volumes.map((volume, index) => ({
      volume: { name: volume.name, ...source(volume, index, context) },
      mount: mount(volume, context),
    }));
    const claims = volumes.flatMap((volume, index) => claimOnDemand(volume, index, context));
    return addDependents(addVolumes(pod, mounted), ...claims);
  },
});

interface VolumeConf {
  readonly role: Role;
  readonly type: string;
  readonly name: string;
  /** All settings of the volume: `mount.path`, `options.claimName`, … */
  readonly fields: SparkConf;
}

const prefixOf = (role: Role): string => `spark.kubernetes.${role}.volumes.`;

function volumesOf(conf: SparkConf, role: Role): VolumeConf[] {
  const volumes = new Map<string, VolumeConf>();
  const prefix = prefixOf(role);
  for (const rest of Object.keys(withPrefix(conf, prefix))) {
    const [type, name] = rest.split('.');
    if (!type || !name) continue;
    const id = `${type}.${name}`;
    if (!volumes.has(id)) volumes.set(id, { role, type, name, fields: withPrefix(conf, `${prefix}${id}.`) });
  }
  return [...volumes.values()];
}

function mount(volume: VolumeConf, { conf, rules }: DriverContext): VolumeMount {
  const { fields, name } = volume;
  const { 'mount.subPath': subPath, 'mount.subPathExpr': subPathExpr } = fields;
  if (rules.volumeDetails && subPath !== undefined && subPathExpr !== undefined) {
    refuseInvalid(keyOf(volume, 'mount.subPathExpr'), 'it excludes mount.subPath', 'Give one of the two.');
  }
  return {
    name,
    mountPath: required(volume, 'mount.path'),
    readOnly: booleanOf(conf, keyOf(volume, 'mount.readOnly'), false),
    subPath: subPath ?? '',
    ...(rules.volumeDetails && { subPathExpr: subPathExpr ?? '' }),
  };
}

function source(volume: VolumeConf, index: number, context: DriverContext): Omit<Volume, 'name'> {
  const { fields } = volume;
  switch (volume.type) {
    case 'hostPath':
      return {
        hostPath: {
          path: required(volume, 'options.path'),
          type: (context.rules.volumeDetails ? fields['options.type'] : undefined) ?? '',
        },
      };
    case 'persistentVolumeClaim':
      return {
        persistentVolumeClaim: {
          claimName: claimName(volume, index, context),
          readOnly: booleanOf(context.conf, keyOf(volume, 'mount.readOnly'), false),
        },
      };
    case 'emptyDir': {
      const size = sizeLimit(volume, context);
      return { emptyDir: { medium: fields['options.medium'] ?? '', ...(size !== undefined && { sizeLimit: size }) } };
    }
    case 'nfs':
      return { nfs: { path: required(volume, 'options.path'), server: required(volume, 'options.server') } };
    default:
      return refuseInvalid(
        `${prefixOf(volume.role)}${volume.type}.${volume.name}`,
        `"${volume.type}" is not a volume type that Spark supports`,
        'Use hostPath, persistentVolumeClaim, emptyDir or nfs here, or any other in a pod template.',
      );
  }
}

const claimName = (volume: VolumeConf, index: number, { identity }: DriverContext): string =>
  required(volume, 'options.claimName').replaceAll(
    'OnDemand',
    `${identity.resourceNamePrefix}-${volume.role === 'driver' ? 'driver' : 'exec-1'}-pvc-${index}`,
  );

function claimOnDemand(volume: VolumeConf, index: number, context: DriverContext): PersistentVolumeClaim[] {
  if (volume.type !== 'persistentVolumeClaim') return [];
  const { conf, identity, rules, submission } = context;
  const storageClassName = volume.fields['options.storageClass'];
  const storage = sizeLimit(volume, context);
  if (storageClassName === undefined || storage === undefined) return [];
  if (!formats['dns-1123-subdomain'].pattern.test(storageClassName)) {
    refuseInvalid(
      keyOf(volume, 'options.storageClass'),
      `"${storageClassName}" is not a name of a StorageClass`,
      'Use lower-case letters, digits, "-" and ".".',
    );
  }
  const labels = rules.volumeDetails ? withPrefix(volume.fields, 'label.') : {};
  const annotations = rules.volumeDetails ? withPrefix(volume.fields, 'annotation.') : {};
  return [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name: claimName(volume, index, context),
        namespace: submission.namespace,
        labels: { ...labels, 'spark-app-selector': identity.sparkApplicationId },
        ...(Object.keys(annotations).length > 0 && { annotations }),
      },
      spec: {
        storageClassName,
        accessModes: [
          booleanOf(conf, 'spark.kubernetes.legacy.useReadWriteOnceAccessMode', false)
            ? 'ReadWriteOnce'
            : rules.onDemandAccessMode,
        ],
        resources: { requests: { storage } },
      },
    },
  ];
}

function sizeLimit(volume: VolumeConf, { rules }: DriverContext): string | undefined {
  const size = volume.fields['options.sizeLimit'];
  if (size !== undefined && !formats.quantity.pattern.test(size)) {
    refuseInvalid(
      keyOf(volume, 'options.sizeLimit'),
      `"${size}" is not a quantity`,
      'Give a Kubernetes quantity, for example 5Gi.',
    );
  }
  if (size !== undefined && rules.volumeDetails && /^[0-9]+$/.test(size) && Number(size) < 1024) {
    refuseInvalid(keyOf(volume, 'options.sizeLimit'), `"${size}" is less than 1 KiB`, 'Add the unit, for example Gi.');
  }
  return size;
}

function refuseSameMountPath(volumes: readonly VolumeConf[]): void {
  const paths = new Set<string>();
  for (const volume of volumes) {
    const path = required(volume, 'mount.path');
    if (paths.has(path)) {
      refuseInvalid(keyOf(volume, 'mount.path'), `"${path}" is already used by another volume`, 'Choose another path.');
    }
    paths.add(path);
  }
}

const keyOf = ({ role, type, name }: VolumeConf, field: string): string => `${prefixOf(role)}${type}.${name}.${field}`;

function required(volume: VolumeConf, field: string): string {
  return (
    volume.fields[field] ??
    refuseInvalid(keyOf(volume, field), 'it is missing', `A volume of type ${volume.type} needs it.`)
  );
}
