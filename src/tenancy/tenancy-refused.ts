import { FailureType } from '../protocol/failure-type.ts';
import { ApplicationRefused, type RefusedField } from '../validation/application-refused.ts';

/** What an application may not use. */
export const TenancyRefusal = {
  Namespace: 'Namespace',
  ServiceAccount: 'ServiceAccount',
  Cluster: 'Cluster',
  Submitter: 'Submitter',
  Pool: 'Pool',
} as const;
export type TenancyRefusal = (typeof TenancyRefusal)[keyof typeof TenancyRefusal];

/** An application that uses what the tenancy configuration does not allow. Not retryable. */
export class TenancyRefused extends ApplicationRefused {
  override readonly name = 'TenancyRefused';
  readonly type = FailureType.TenancyRefused;
  readonly reason: TenancyRefusal;
  /** The rule that decided; undefined where no rule allows the namespace. */
  readonly rule: string | undefined;

  constructor(reason: TenancyRefusal, message: string, rule?: string, fields: readonly RefusedField[] = []) {
    super(message, fields);
    this.reason = reason;
    this.rule = rule;
  }
}
