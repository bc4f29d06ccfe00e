import type { Lab } from '../../lab/contract.ts';
import { workerKubeconfig } from '../support/chart-rights.ts';
import { makeNamespace } from '../support/namespace.ts';
import { grantSubmissionJobs } from '../support/submission-job-rights.ts';
import { SlowSubmitter, type Setting } from './setting.ts';

/** Kubeconfigs of the workers' accounts: each has the rights that the chart grants for a setting. */
export class LaneRights {
  private readonly lab: Lab;
  private readonly usual: string;
  /** Where resources are served; granted when a lane first needs them. */
  private serving: Promise<string> | undefined;

  private constructor(lab: Lab, usual: string) {
    this.lab = lab;
    this.usual = usual;
  }

  static async grant(lab: Lab): Promise<LaneRights> {
    return new LaneRights(lab, await workerKubeconfig(lab.kubeconfig, await makeNamespace(lab.kubeconfig, 'workers')));
  }

  /** @param namespace of the applications */
  async of({ submitter, resources }: Setting, namespace: string): Promise<string> {
    if (submitter === SlowSubmitter.Job) return this.withJobs(namespace);
    if (resources === undefined) return this.usual;
    this.serving ??= this.install({ applications: { clusterWide: true }, operator: { enabled: true } });
    return this.serving;
  }

  /** Jobs are made with the rights of the applications' account, which the chart grants in given namespaces only. */
  private async withJobs(namespace: string): Promise<string> {
    await grantSubmissionJobs(this.lab.kubeconfig, namespace);
    return this.install({
      applications: { isolated: true, namespaces: [namespace], createServiceAccounts: false },
      submitters: { sparkSubmitJob: {} },
    });
  }

  private async install(values: object): Promise<string> {
    const { kubeconfig } = this.lab;
    return workerKubeconfig(kubeconfig, await makeNamespace(kubeconfig, 'workers'), values);
  }
}
