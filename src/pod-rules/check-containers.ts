import type { Container, PodSpec, Volume } from '../kubernetes/objects.ts';
import type { ProblemPath } from '../validation/problem.ts';
import { checkEnv } from './check-env.ts';
import { checkHandlers, checkNoHandlers } from './check-handlers.ts';
import { checkMounts } from './check-mounts.ts';
import { checkResources } from './check-resources.ts';
import { checkContainerSecurity } from './check-security.ts';
import { imageFault } from './image-name.ts';
import { labelFault, portNameFault } from './names.ts';
import { items, type PodProblems } from './pod-problem.ts';

/** The containers of a pod and its init containers. */
export function checkContainers(
  problems: PodProblems,
  pod: PodSpec,
  volumes: ReadonlyMap<string, Volume>,
  at: ProblemPath,
): void {
  const names = new Map<string, ProblemPath>();
  const hostPorts = new Map<string, ProblemPath>();
  for (const [index, container] of items(pod.containers)) {
    const here = [...at, 'containers', index];
    checkContainer(problems, container, pod, volumes, here);
    checkName(problems, container, names, here);
    checkHostPorts(problems, container, pod, hostPorts, here);
    checkHandlers(problems, container, pod, here);
  }
  for (const [index, container] of items(pod.initContainers)) {
    const here = [...at, 'initContainers', index];
    checkContainer(problems, container, pod, volumes, here);
    checkName(problems, container, names, here);
    checkHostPorts(problems, container, pod, new Map(), here);
    if (container.restartPolicy === 'Always') checkHandlers(problems, container, pod, here);
    else checkNoHandlers(problems, container, here);
  }
}

function checkContainer(
  problems: PodProblems,
  container: Container,
  pod: PodSpec,
  volumes: ReadonlyMap<string, Volume>,
  at: ProblemPath,
): void {
  const { image, imagePullPolicy, terminationMessagePolicy, restartPolicy, resizePolicy } = container;
  checkImage(problems, image, [...at, 'image']);
  problems.oneOf([...at, 'imagePullPolicy'], imagePullPolicy, ['Always', 'IfNotPresent', 'Never']);
  const policies = ['FallbackToLogsOnError', 'File'];
  problems.oneOf([...at, 'terminationMessagePolicy'], terminationMessagePolicy, policies);
  problems.oneOf([...at, 'restartPolicy'], restartPolicy, ['Always', 'Never', 'OnFailure']);
  checkPorts(problems, container, at);
  checkEnv(problems, container, at);
  checkMounts(problems, container, volumes, at);
  checkResources(problems, container, pod.resourceClaims, [...at, 'resources']);
  checkContainerSecurity(problems, container.securityContext, pod, [...at, 'securityContext']);
  for (const [index, { resourceName, restartPolicy: policy }] of items(resizePolicy)) {
    const here = [...at, 'resizePolicy', index];
    problems.name([...here, 'resourceName'], resourceName);
    problems.oneOf([...here, 'resourceName'], resourceName, ['cpu', 'memory']);
    problems.oneOf([...here, 'restartPolicy'], policy, ['NotRequired', 'RestartContainer']);
    if (pod.restartPolicy === 'Never' && policy === 'RestartContainer') {
      problems.invalid(here, policy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'");
    }
  }
}

function checkImage(problems: PodProblems, image: string | undefined, at: ProblemPath): void {
  if (!image) problems.required(at);
  else if (image.trim() !== image) problems.invalid(at, image, 'must not have leading or trailing whitespace');
  else {
    const fault = imageFault(image);
    if (fault !== undefined) problems.invalid(at, image, `InvalidImageName: ${fault}`, { byKubelet: true });
  }
}

function checkName(problems: PodProblems, { name }: Container, names: Map<string, ProblemPath>, at: ProblemPath): void {
  const place = [...at, 'name'];
  problems.name(place, name, labelFault);
  const other = names.get(name);
  if (other === undefined) names.set(name, place);
  else problems.duplicate(place, name, other);
}

function checkPorts(problems: PodProblems, { ports }: Container, at: ProblemPath): void {
  const names = new Map<string, ProblemPath>();
  for (const [index, { name, containerPort, hostPort, protocol }] of items(ports)) {
    const here = [...at, 'ports', index];
    if (name) {
      const place = [...here, 'name'];
      problems.check(place, name, portNameFault);
      const other = names.get(name);
      if (other === undefined) names.set(name, place);
      else problems.duplicate(place, name, other);
    }
    if (!containerPort) problems.required([...here, 'containerPort']);
    else problems.inRange([...here, 'containerPort'], containerPort, 1, 65_535);
    if (hostPort !== 0) problems.inRange([...here, 'hostPort'], hostPort, 1, 65_535);
    problems.oneOf([...here, 'protocol'], protocol, ['SCTP', 'TCP', 'UDP']);
  }
}

/** On the network of the node each port is one of the node. */
function checkHostPorts(
  problems: PodProblems,
  { ports }: Container,
  { hostNetwork }: PodSpec,
  used: Map<string, ProblemPath>,
  at: ProblemPath,
): void {
  for (const [index, { containerPort, hostPort, hostIP = '', protocol = 'TCP' }] of items(ports)) {
    const port = hostPort || (hostNetwork === true ? containerPort : 0);
    const place = [...at, 'ports', index, 'hostPort'];
    if (!port) continue;
    if (hostNetwork === true && port !== containerPort && at.includes('containers')) {
      problems.invalid(place, port, 'must match `containerPort` when `hostNetwork` is true');
    }
    const key = `${protocol}/${hostIP}/${port}`;
    const other = used.get(key);
    if (other === undefined) used.set(key, place);
    else problems.duplicate(place, key, other);
  }
}
