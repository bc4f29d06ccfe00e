import type { PodSpec } from '../kubernetes/objects.ts';
import type { ProblemPath } from '../validation/problem.ts';
import { ipFault, labelFault, subdomainFault } from './names.ts';
import { items, texts, type PodProblems } from './pod-problem.ts';

const POLICIES = ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'];
const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARACTERS = 2048;

/** Names and addresses of the pod, and how it resolves others. */
export function checkNetwork(problems: PodProblems, pod: PodSpec, at: ProblemPath): void {
  const { dnsPolicy, dnsConfig, hostAliases, hostname, subdomain } = pod;
  problems.oneOf([...at, 'dnsPolicy'], dnsPolicy, POLICIES);
  if (hostname) problems.check([...at, 'hostname'], hostname, labelFault);
  if (subdomain) problems.check([...at, 'subdomain'], subdomain, labelFault);
  for (const [index, { ip, hostnames }] of items(hostAliases)) {
    problems.check([...at, 'hostAliases', index, 'ip'], ip ?? '', ipFault);
    for (const [item, name] of texts(hostnames)) {
      problems.check([...at, 'hostAliases', index, 'hostnames', item], name, subdomainFault);
    }
  }
  checkDns(problems, dnsConfig, dnsPolicy === 'None', [...at, 'dnsConfig']);
}

function checkDns(problems: PodProblems, config: PodSpec['dnsConfig'], isNeeded: boolean, at: ProblemPath): void {
  const nameservers = [...texts(config?.nameservers)];
  const searches = [...texts(config?.searches)];
  if (isNeeded && nameservers.length === 0) {
    const place = config === undefined ? at : [...at, 'nameservers'];
    problems.required(place, 'must provide at least one DNS nameserver with `dnsPolicy: None`');
    return;
  }
  if (nameservers.length > MAX_NAMESERVERS) {
    problems.invalid([...at, 'nameservers'], undefined, `must not have more than ${MAX_NAMESERVERS} nameservers`);
  }
  for (const [index, address] of nameservers) problems.check([...at, 'nameservers', index], address, ipFault);
  if (searches.length > MAX_SEARCHES) {
    problems.invalid([...at, 'searches'], undefined, `must not have more than ${MAX_SEARCHES} search paths`);
  }
  if (searches.map(([, name]) => name).join(' ').length > MAX_SEARCH_CHARACTERS) {
    const detail = `must not have more than ${MAX_SEARCH_CHARACTERS} characters (including spaces) in the search list`;
    problems.invalid([...at, 'searches'], undefined, detail);
  }
  for (const [index, search] of searches) problems.check([...at, 'searches', index], search, searchFault);
  for (const [index, { name }] of items(config?.options)) {
    if (!name) problems.required([...at, 'options', index], 'must not be empty');
  }
}

/** A domain, in which underscores may be, too. */
function searchFault(search: string): string | undefined {
  if (search === '.') return undefined;
  const domain = search.endsWith('.') ? search.slice(0, -1) : search;
  const labels = domain.split('.').map((label) => (label.startsWith('_') ? label.slice(1) : label));
  const isDomain = labels.every((label) => /^[a-z0-9]/.test(label) && !label.endsWith('_'));
  return subdomainFault(isDomain ? labels.join('.').replaceAll('_', 'x') : domain);
}
