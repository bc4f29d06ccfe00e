import type { Container, Volume } from '../kubernetes/objects.ts';
import type { ProblemPath } from '../validation/problem.ts';
import { backstepFault, descendingPathFault } from './names.ts';
import { items, type PodProblems } from './pod-problem.ts';

/** The mounts of a container: each of a volume of the pod, and each at a path of its own. */
export function checkMounts(
  problems: PodProblems,
  { volumeMounts, volumeDevices, securityContext }: Container,
  volumes: ReadonlyMap<string, Volume>,
  at: ProblemPath,
): void {
  const paths = new Map<string, ProblemPath>();
  const devices = new Map([...items(volumeDevices)].map(([, { name, devicePath }]) => [name, devicePath]));
  for (const [index, mount] of items(volumeMounts)) {
    const here = [...at, 'volumeMounts', index];
    const { name, mountPath, subPath, subPathExpr, mountPropagation, recursiveReadOnly, readOnly } = mount;
    if (!volumes.has(name)) problems.notFound([...here, 'name'], name, namesOf(volumes));
    problems.name([...here, 'mountPath'], mountPath);
    const other = paths.get(mountPath);
    if (other === undefined) paths.set(mountPath, here);
    else problems.invalid([...here, 'mountPath'], mountPath, 'must be unique', { other });
    if (devices.has(name)) problems.invalid([...here, 'name'], name, 'must not already exist in volumeDevices');
    problems.check([...here, 'subPath'], subPath, descendingPathFault);
    problems.check([...here, 'subPathExpr'], subPathExpr, descendingPathFault);
    if (subPath && subPathExpr) {
      const detail = 'subPathExpr and subPath are mutually exclusive';
      problems.invalid([...here, 'subPathExpr'], subPathExpr, detail);
    }
    problems.oneOf([...here, 'mountPropagation'], mountPropagation, ['Bidirectional', 'HostToContainer', 'None']);
    if (mountPropagation === 'Bidirectional' && securityContext?.privileged !== true) {
      const detail = 'Bidirectional mount propagation is available only to privileged containers';
      problems.forbidden([...here, 'mountPropagation'], detail);
    }
    const recursive = [...here, 'recursiveReadOnly'];
    problems.oneOf(recursive, recursiveReadOnly, ['Disabled', 'Enabled', 'IfPossible']);
    if (recursiveReadOnly === 'Enabled' || recursiveReadOnly === 'IfPossible') {
      if (readOnly !== true) problems.forbidden(recursive, 'may only be specified when readOnly is true');
      if (mountPropagation !== undefined && mountPropagation !== 'None') {
        problems.forbidden(recursive, "may only be specified when mountPropagation is not specified, or 'None'");
      }
    }
  }
  checkDevices(problems, volumeDevices, paths, volumes, at);
}

function checkDevices(
  problems: PodProblems,
  devices: Container['volumeDevices'],
  mounts: ReadonlyMap<string, ProblemPath>,
  volumes: ReadonlyMap<string, Volume>,
  at: ProblemPath,
): void {
  const names = new Map<string, ProblemPath>();
  const paths = new Map<string, ProblemPath>();
  for (const [index, { name, devicePath }] of items(devices)) {
    const here = [...at, 'volumeDevices', index];
    const volume = volumes.get(name);
    if (volume === undefined) problems.notFound([...here, 'name'], name, namesOf(volumes));
    else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined) {
      const detail = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode';
      problems.invalid([...here, 'name'], name, detail);
    }
    const other = names.get(name);
    if (other === undefined) names.set(name, here);
    else problems.invalid([...here, 'name'], name, 'must be unique', { other });
    problems.name([...here, 'devicePath'], devicePath, backstepFault);
    const used = paths.get(devicePath) ?? mounts.get(devicePath);
    if (used === undefined) paths.set(devicePath, here);
    else problems.invalid([...here, 'devicePath'], devicePath, 'must be unique', { other: used });
  }
}

const namesOf = (volumes: ReadonlyMap<string, Volume>): string =>
  volumes.size === 0 ? 'the pod has no volume' : `volumes of the pod: ${[...volumes.keys()].join(', ')}`;
