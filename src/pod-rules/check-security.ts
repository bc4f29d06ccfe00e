import type { Container, PodSpec } from '../kubernetes/objects.ts';
import type { ProblemPath } from '../validation/problem.ts';
import { descendingPathFault } from './names.ts';
import { items, type PodProblems } from './pod-problem.ts';

type PodSecurityContext = NonNullable<PodSpec['securityContext']>;
type SecurityContext = NonNullable<Container['securityContext']>;
type Profile = SecurityContext['seccompProfile'];

const MAX_ID = 2 ** 31 - 1;
const SYSCTL_CHARACTERS = /^[-a-z0-9_./]+$/;
// Of a namespace that the pod then shares with its node.
const NET_SYSCTL = /^net\./;
const IPC_SYSCTL = /^(?:kernel\.(?:sem$|shm|msg)|fs\.mqueue\.)/;
const PROFILE_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined'];

/** The security context of the pod. */
export function checkPodSecurity(
  problems: PodProblems,
  context: PodSecurityContext | undefined,
  { hostPID, hostIPC, hostNetwork, shareProcessNamespace }: PodSpec,
  at: ProblemPath,
): void {
  if (hostPID === true && shareProcessNamespace === true) {
    const detail = 'ShareProcessNamespace and HostPID cannot both be enabled';
    problems.invalid([...at, 'shareProcessNamespace'], true, detail);
  }
  if (typeof context !== 'object' || context === null) return;
  checkIds(problems, context, at);
  problems.inRange([...at, 'fsGroup'], context.fsGroup, 0, MAX_ID);
  const groups = Array.isArray(context.supplementalGroups) ? context.supplementalGroups : [];
  for (const [index, group] of groups.entries()) {
    problems.inRange([...at, 'supplementalGroups', index], group, 0, MAX_ID);
  }
  const seen = new Map<string, ProblemPath>();
  for (const [index, { name }] of items(context.sysctls)) {
    const place = [...at, 'sysctls', index, 'name'];
    const other = seen.get(name);
    problems.name(place, name, sysctlFault);
    if (other === undefined) seen.set(name, place);
    else problems.duplicate(place, name, other);
    if (hostNetwork === true && NET_SYSCTL.test(name)) {
      problems.invalid(place, name, "may not be specified when 'hostNetwork' is true");
    } else if (hostIPC === true && IPC_SYSCTL.test(name)) {
      problems.invalid(place, name, "may not be specified when 'hostIPC' is true");
    }
  }
  problems.oneOf([...at, 'fsGroupChangePolicy'], context.fsGroupChangePolicy, ['Always', 'OnRootMismatch']);
  problems.oneOf([...at, 'supplementalGroupsPolicy'], context.supplementalGroupsPolicy, ['Merge', 'Strict']);
  problems.oneOf([...at, 'seLinuxChangePolicy'], context.seLinuxChangePolicy, ['MountOption', 'Recursive']);
  checkProfiles(problems, context, at);
}

/** The security context of a container. */
export function checkContainerSecurity(
  problems: PodProblems,
  context: SecurityContext | undefined,
  { hostUsers = true, securityContext: ofPod }: PodSpec,
  at: ProblemPath,
): void {
  const { runAsNonRoot = ofPod?.runAsNonRoot, runAsUser = ofPod?.runAsUser } = context ?? {};
  if (runAsNonRoot === true && runAsUser === 0) {
    const detail = "container's runAsUser breaks non-root policy";
    const place = context?.runAsUser === undefined ? ['spec', 'securityContext'] : at;
    problems.invalid([...place, 'runAsUser'], 0, detail, {
      byKubelet: true,
      remedy: 'choose another user, or set runAsNonRoot to false',
    });
  }
  if (typeof context !== 'object' || context === null) return;
  checkIds(problems, context, at);
  const { allowPrivilegeEscalation, privileged, capabilities, procMount } = context;
  if (allowPrivilegeEscalation === false) {
    if (privileged === true) {
      problems.invalid(at, undefined, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true');
    }
    if (Array.isArray(capabilities?.add) && capabilities.add.includes('CAP_SYS_ADMIN')) {
      const detail = 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN';
      problems.invalid(at, undefined, detail);
    }
  }
  problems.oneOf([...at, 'procMount'], procMount, ['Default', 'Unmasked']);
  if (procMount === 'Unmasked' && hostUsers) {
    problems.invalid([...at, 'procMount'], procMount, '`hostUsers` must be false to use `Unmasked`');
  }
  checkProfiles(problems, context, at);
}

function checkIds(
  problems: PodProblems,
  { runAsUser, runAsGroup }: Pick<SecurityContext, 'runAsUser' | 'runAsGroup'>,
  at: ProblemPath,
): void {
  problems.inRange([...at, 'runAsUser'], runAsUser, 0, MAX_ID);
  problems.inRange([...at, 'runAsGroup'], runAsGroup, 0, MAX_ID);
}

function checkProfiles(
  problems: PodProblems,
  { seccompProfile, appArmorProfile }: Pick<SecurityContext, 'seccompProfile' | 'appArmorProfile'>,
  at: ProblemPath,
): void {
  checkProfile(problems, 'seccomp', seccompProfile, [...at, 'seccompProfile']);
  checkProfile(problems, 'AppArmor', appArmorProfile, [...at, 'appArmorProfile']);
}

function checkProfile(problems: PodProblems, kind: 'seccomp' | 'AppArmor', profile: Profile, at: ProblemPath): void {
  if (typeof profile !== 'object' || profile === null) return;
  const { type, localhostProfile } = profile;
  const place = [...at, 'localhostProfile'];
  problems.name([...at, 'type'], type);
  problems.oneOf([...at, 'type'], type, PROFILE_TYPES);
  if (type !== 'Localhost') {
    if (localhostProfile !== undefined) {
      problems.invalid(place, localhostProfile, `can only be set when ${kind} type is Localhost`);
    }
  } else if (localhostProfile === undefined || (kind === 'AppArmor' && localhostProfile === '')) {
    problems.required(place, `must be set when ${kind} type is Localhost`);
  } else if (kind === 'seccomp') problems.check(place, localhostProfile, descendingPathFault);
  else if (localhostProfile.trim() !== localhostProfile) {
    problems.invalid(place, localhostProfile, 'must not be padded with whitespace');
  }
}

function sysctlFault(name: string): string | undefined {
  const isSegment = (segment: string): boolean => /^[a-z0-9]/.test(segment) && /[a-z0-9]$/.test(segment);
  const isName = name.length <= 253 && SYSCTL_CHARACTERS.test(name) && name.split(/[./]/).every(isSegment);
  return isName ? undefined : 'must have at most 253 characters and be a name such as net.core.somaxconn';
}
