import type { ObjectMeta, Volume } from '../kubernetes/objects.ts';
import type { ProblemPath } from '../validation/problem.ts';
import { checkClaimTemplate } from './check-claim-template.ts';
import { checkDownwardFiles, checkProjectedSources } from './check-projected.ts';
import { checkKeys, checkMode } from './file-mode.ts';
import { backstepFault, descendingPathFault, labelFault, subdomainFault } from './names.ts';
import { items, type Grammar, type PodProblems } from './pod-problem.ts';
import { isNegative } from './quantities.ts';

type Source = Exclude<keyof Volume, 'name'>;
type Check<K extends Source> = (problems: PodProblems, source: NonNullable<Volume[K]>, at: ProblemPath) => void;

/** Texts of a source that must not be empty. */
const needs =
  (...fields: readonly string[]) =>
  (problems: PodProblems, source: object, at: ProblemPath): void => {
    for (const field of fields) problems.name([...at, field], (source as Record<string, string>)[field]);
  };

/** Each source of a volume, in the API server's order, and what it must be. */
const sources: { readonly [K in Source]: Check<K> } = {
  emptyDir: (problems, { sizeLimit }, at) => {
    if (isNegative(sizeLimit)) {
      problems.forbidden([...at, 'sizeLimit'], 'SizeLimit field must be a valid resource quantity');
    }
  },
  hostPath: (problems, { path, type }, at) => {
    problems.name([...at, 'path'], path, backstepFault);
    problems.oneOf([...at, 'type'], type, HOST_PATH_TYPES);
  },
  gitRepo: (problems, source, at) => {
    needs('repository')(problems, source, at);
    problems.check([...at, 'directory'], source.directory, descendingPathFault);
  },
  gcePersistentDisk: needs('pdName'),
  awsElasticBlockStore: needs('volumeID'),
  secret: (problems, { secretName, defaultMode, items: keys }, at) => {
    problems.name([...at, 'secretName'], secretName);
    checkMode(problems, defaultMode, [...at, 'defaultMode']);
    checkKeys(problems, keys, [...at, 'items']);
  },
  nfs: (problems, source, at) => {
    needs('server', 'path')(problems, source, at);
    problems.check([...at, 'path'], source.path, absolutePathFault);
  },
  iscsi: (problems, source, at) => {
    needs('targetPortal', 'iqn')(problems, source, at);
    problems.inRange([...at, 'lun'], source.lun, 0, 255);
  },
  glusterfs: needs('endpoints', 'path'),
  flocker: () => undefined,
  persistentVolumeClaim: needs('claimName'),
  rbd: needs('image'),
  cinder: needs('volumeID'),
  cephfs: () => undefined,
  quobyte: needs('registry', 'volume'),
  downwardAPI: (problems, { defaultMode, items: files }, at) => {
    checkMode(problems, defaultMode, [...at, 'defaultMode']);
    checkDownwardFiles(problems, files, [...at, 'items']);
  },
  fc: () => undefined,
  flexVolume: needs('driver'),
  configMap: (problems, { name, defaultMode, items: keys }, at) => {
    problems.name([...at, 'name'], name);
    checkMode(problems, defaultMode, [...at, 'defaultMode']);
    checkKeys(problems, keys, [...at, 'items']);
  },
  azureFile: needs('secretName', 'shareName'),
  vsphereVolume: needs('volumePath'),
  photonPersistentDisk: needs('pdID'),
  portworxVolume: needs('volumeID'),
  azureDisk: needs('diskName', 'diskURI'),
  storageos: () => undefined,
  projected: (problems, source, at) => {
    checkMode(problems, source.defaultMode, [...at, 'defaultMode']);
    checkProjectedSources(problems, source.sources, [...at, 'sources']);
  },
  scaleIO: needs('gateway', 'system', 'volumeName'),
  csi: (problems, { driver, nodePublishSecretRef }, at) => {
    problems.name([...at, 'driver'], driver, driverFault);
    if (nodePublishSecretRef === undefined) return;
    problems.name([...at, 'nodePublishSecretRef', 'name'], nodePublishSecretRef.name, subdomainFault);
  },
  ephemeral: (problems, { volumeClaimTemplate }, at) => {
    const template = [...at, 'volumeClaimTemplate'];
    if (volumeClaimTemplate === undefined) problems.required(template);
    else checkClaimTemplate(problems, volumeClaimTemplate, template);
  },
  image: (problems, source, at) => {
    needs('reference')(problems, source, at);
    problems.oneOf([...at, 'pullPolicy'], source.pullPolicy, ['Always', 'IfNotPresent', 'Never']);
  },
};

const driverFault: Grammar = (name) =>
  name.length > 63 ? 'may not be more than 63 bytes' : subdomainFault(name.toLowerCase());

const absolutePathFault: Grammar = (path) => (path.startsWith('/') ? undefined : 'must be an absolute path');

const HOST_PATH_TYPES = [
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
] as const;

const names = Object.keys(sources) as Source[];

/** The volumes of a pod; returns them by name, the refused ones too: a mount of one is not a second problem. */
export function checkVolumes(
  problems: PodProblems,
  volumes: readonly Volume[] | undefined,
  { name: podName }: ObjectMeta,
  at: ProblemPath,
): Map<string, Volume> {
  const byName = new Map<string, Volume>();
  const places = new Map<string, ProblemPath>();
  for (const [index, volume] of items(volumes)) {
    const here = [...at, index];
    const { name } = volume;
    const place = [...here, 'name'];
    problems.name(place, name, labelFault);
    const other = places.get(name);
    if (other === undefined) places.set(name, place);
    else problems.duplicate(place, name, other);
    byName.set(name, volume);
    checkSources(problems, volume, here);
    if (volume.ephemeral !== undefined && name && podName !== undefined) {
      const claim = `${podName}-${name}`;
      const fault = subdomainFault(claim);
      if (fault !== undefined) problems.invalid(place, name, `PVC name "${claim}": ${fault}`);
    }
  }
  return byName;
}

function checkSources(problems: PodProblems, volume: Volume, at: ProblemPath): void {
  let given: Source | undefined;
  for (const name of names) {
    const source = volume[name];
    if (source === undefined || source === null) continue;
    if (given !== undefined) {
      problems.forbidden([...at, name], 'may not specify more than 1 volume type');
      continue;
    }
    given = name;
    (sources[name] as Check<Source>)(problems, source, [...at, name]);
  }
}
