import type { Client } from '@temporalio/client';
import type { KubernetesClient } from '../kubernetes/index.ts';
import { ApplicationOperator } from './application-operator.ts';
import { ConnectOperator } from './connect/connect-operator.ts';
import type { OperatorOptions } from './operator-options.ts';
import { ScheduleOperator } from './schedules/schedule-operator.ts';

/**
 * Serves the Spark operator's resources. Any number of replicas do it at once; what they do is idempotent, so there is no
 * leader.
 */
export class Operator {
  private readonly parts: readonly { stop(): Promise<void> }[];

  private constructor(parts: readonly { stop(): Promise<void> }[]) {
    this.parts = parts;
  }

  /**
   * Begins to watch; resolves once all resources are listed and those that differ are queued. Where the API server does
   * not serve a kind, that is logged and waited for.
   *
   * @throws KubernetesError, ServiceError
   */
  static async start(client: Client, kubernetes: KubernetesClient, options: OperatorOptions): Promise<Operator> {
    const parts: { stop(): Promise<void> }[] = [];
    try {
      parts.push(await ApplicationOperator.start(client, kubernetes, options));
      parts.push(await ScheduleOperator.start(client, kubernetes, options));
      parts.push(await ConnectOperator.start(kubernetes, options));
      return new Operator(parts);
    } catch (error) {
      await Promise.all(parts.map((part) => part.stop()));
      throw error;
    }
  }

  /** Leaves all workflows and schedules as they are. */
  async stop(): Promise<void> {
    await Promise.all(this.parts.map((part) => part.stop()));
  }
}
