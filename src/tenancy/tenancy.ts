import { hasLabels } from '../validation/matching.ts';
import { RuleAllowance, type Allowance, type TenancyTarget } from './allowance.ts';
import type { TenancyConfiguration, TenancyRule } from './tenancy-configuration.ts';
import { TenancyRefusal, TenancyRefused } from './tenancy-refused.ts';

/** Where a workflow runs in Temporal. */
export interface TenancyOrigin {
  readonly temporalNamespace: string;
  readonly taskQueue: string;
}

type Labels = Readonly<Record<string, string>>;

/**
 * The allow-list of a worker: which Kubernetes namespaces, service accounts, clusters, submitters and pools workflows
 * may use. It can be exchanged while applications run: a driver that exists is not affected, each further submission is.
 */
export class Tenancy {
  private configuration: TenancyConfiguration;

  /** @param configuration of `readTenancy` or `parseTenancy` */
  constructor(configuration: TenancyConfiguration) {
    this.configuration = configuration;
  }

  exchange(configuration: TenancyConfiguration): void {
    this.configuration = configuration;
  }

  /**
   * The clusters that an application may be on, as far as this is known before one is chosen: a rule by label may apply
   * on one cluster and not on another. Undefined for all.
   */
  clustersFor(origin: TenancyOrigin, namespace: string): readonly string[] | undefined {
    const clusters = new Set<string>();
    for (const rule of this.rulesOf(origin)) {
      const byName = isByName(rule, namespace);
      if (!byName && rule.namespaceLabels === undefined) continue;
      if (rule.clusters === undefined) return undefined;
      for (const cluster of rule.clusters) clusters.add(cluster);
      // The first that applies decides.
      if (byName) break;
    }
    return clusters.size === 0 ? undefined : [...clusters];
  }

  /**
   * What an application in its namespace may use.
   *
   * @param labelsOf the labels of its namespace; undefined where it does not exist. Called only if a rule needs them.
   * @throws TenancyRefused where no rule allows the namespace
   */
  async allowance(
    origin: TenancyOrigin,
    target: TenancyTarget,
    labelsOf: () => Promise<Labels | undefined>,
  ): Promise<Allowance> {
    const rules = this.rulesOf(origin);
    let labels: Labels | undefined;
    for (const rule of rules) {
      if (isByName(rule, target.namespace)) return new RuleAllowance(rule, target);
      if (rule.namespaceLabels === undefined) continue;
      labels ??= (await labelsOf()) ?? {};
      if (hasLabels(labels, rule.namespaceLabels)) return new RuleAllowance(rule, target);
    }
    throw noRule(origin, target, rules);
  }

  private rulesOf({ temporalNamespace, taskQueue }: TenancyOrigin): readonly TenancyRule[] {
    return this.configuration.rules.filter(
      ({ from: { temporalNamespaces, taskQueues } = {} }) =>
        (temporalNamespaces?.includes(temporalNamespace) ?? true) && (taskQueues?.includes(taskQueue) ?? true),
    );
  }
}

function isByName({ namespaces, namespaceLabels }: TenancyRule, namespace: string): boolean {
  if (namespaces === undefined) return namespaceLabels === undefined;
  return namespaces.includes(namespace);
}

function noRule(
  { temporalNamespace, taskQueue }: TenancyOrigin,
  { namespace, name }: TenancyTarget,
  rules: readonly TenancyRule[],
): TenancyRefused {
  const allowed = rules.flatMap(({ namespaces = [], namespaceLabels }) => [
    ...namespaces,
    ...(namespaceLabels === undefined ? [] : [`namespaces with ${labelsText(namespaceLabels)}`]),
  ]);
  const where = `Temporal namespace "${temporalNamespace}" and task queue "${taskQueue}"`;
  const message =
    `Application ${namespace}/${name} may not use the Kubernetes namespace "${namespace}": ` +
    (allowed.length === 0
      ? `no tenancy rule is for ${where}. Start it from another one, or ask an administrator for a rule.`
      : `the tenancy rules of ${where} (${rules.map((rule) => rule.name).join(', ')}) allow ${allowed.join(', ')}. Set metadata.namespace to one of these, or ask an administrator for a rule.`);
  return new TenancyRefused(TenancyRefusal.Namespace, message);
}

const labelsText = (labels: Labels): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
