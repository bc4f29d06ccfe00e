import type { RefusedField } from '../validation/application-refused.ts';
import { TenancyRefusal, TenancyRefused } from './tenancy-refused.ts';
import type { TenancyRule } from './tenancy-configuration.ts';

/** An application, as refusals show it. */
export interface TenancyTarget {
  readonly namespace: string;
  readonly name: string;
}

/** What an attempt uses. */
export interface TenancyUse {
  /** All that its manifest names, of drivers and executors. */
  readonly serviceAccounts: readonly string[];
  /** Undefined where the worker has one cluster, without a name. */
  readonly cluster: string | undefined;
  readonly submitter: string;
  /** Of the driver and the executors. */
  readonly pools: readonly string[];
}

/** What an application in an allowed namespace may use. */
export interface Allowance {
  allowsSubmitter(name: string): boolean;
  /** @throws TenancyRefused */
  check(use: TenancyUse): void;
}

/** What a rule allows an application. */
export class RuleAllowance implements Allowance {
  private readonly rule: TenancyRule;
  private readonly target: TenancyTarget;

  constructor(rule: TenancyRule, target: TenancyTarget) {
    this.rule = rule;
    this.target = target;
  }

  allowsSubmitter(name: string): boolean {
    return this.rule.submitters?.includes(name) ?? true;
  }

  check({ serviceAccounts, cluster, submitter, pools }: TenancyUse): void {
    const { rule } = this;
    const account = notIn(rule.serviceAccounts, serviceAccounts);
    if (account !== undefined) {
      const remedy = 'Set spec.driver.serviceAccount, spec.executor.serviceAccount and pod templates to one of these';
      const fields = ['driver', 'executor'].map((role) => ({ path: ['spec', role, 'serviceAccount'], value: account }));
      this.refuse(TenancyRefusal.ServiceAccount, `service account "${account}"`, rule.serviceAccounts!, remedy, fields);
    }
    if (rule.clusters !== undefined && (cluster === undefined || !rule.clusters.includes(cluster))) {
      const [what, remedy] =
        cluster === undefined
          ? ['only cluster of this worker, which has no name', 'Use the task queue of workers with these clusters']
          : [`cluster "${cluster}"`, 'Set the annotation temporal-spark/cluster to one of these'];
      this.refuse(TenancyRefusal.Cluster, what, rule.clusters, remedy, [annotation('cluster')]);
    }
    if (!this.allowsSubmitter(submitter)) {
      const remedy = 'Set the annotation temporal-spark/submitter to one of these';
      const fields = [annotation('submitter')];
      this.refuse(TenancyRefusal.Submitter, `submitter "${submitter}"`, rule.submitters!, remedy, fields);
    }
    const pool = notIn(rule.pools, pools);
    if (pool !== undefined) {
      const remedy = 'Set the annotation temporal-spark/placement-profile to a profile of these pools';
      this.refuse(TenancyRefusal.Pool, `node pool "${pool}"`, rule.pools!, remedy, [annotation('placement-profile')]);
    }
  }

  private refuse(
    reason: TenancyRefusal,
    what: string,
    allowed: readonly string[],
    remedy: string,
    fields: readonly RefusedField[],
  ): never {
    const { namespace, name } = this.target;
    throw new TenancyRefused(
      reason,
      `Application ${namespace}/${name} may not use the ${what}: tenancy rule "${this.rule.name}" allows ${allowed.join(', ')}. ${remedy}, or ask an administrator to change the rule.`,
      this.rule.name,
      fields,
    );
  }
}

/** An annotation of applications, by its name after the prefix. */
const annotation = (name: string): RefusedField => ({ path: ['metadata', 'annotations', `temporal-spark/${name}`] });

function notIn(allowed: readonly string[] | undefined, used: readonly string[]): string | undefined {
  return allowed && used.find((each) => !allowed.includes(each));
}
