import { present } from '../validation/present.ts';
import { FailureType } from '../protocol/failure-type.ts';

/** Why a submission cannot become Kubernetes objects. */
export const RefusalReason = {
  /** Spark itself would refuse it, or the API server would. */
  InvalidConfiguration: 'InvalidConfiguration',
  /** The API server would refuse one of its pods, or no kubelet could run it. */
  InvalidPod: 'InvalidPod',
  /** A pod has no image; a default of the workers may set one. */
  MissingImage: 'MissingImage',
  /** The Spark version has no rules here. */
  UnsupportedSparkVersion: 'UnsupportedSparkVersion',
  /** It requires Spark's own code, on a JVM. */
  RequiresJvm: 'RequiresJvm',
  /** It names a file of the machine that submits, which must be read or uploaded first. */
  RequiresLocalFile: 'RequiresLocalFile',
} as const;
export type RefusalReason = (typeof RefusalReason)[keyof typeof RefusalReason];

export interface Refusal {
  readonly reason: RefusalReason;
  /** What is wrong, with the value. */
  readonly problem: string;
  /** What to do about it. */
  readonly remedy: string;
  /** The Spark configuration key (or the field of the submission) at fault. */
  readonly key: string;
  /** The key that it contradicts, if there is one. */
  readonly otherKey?: string;
}

/** A submission that cannot be translated. Not retryable: the same input is refused again. */
export class SubmissionRefused extends Error {
  readonly type = FailureType.SubmissionRefused;
  readonly retryable = false;
  readonly reason: RefusalReason;
  readonly key: string;
  readonly otherKey: string | undefined;
  readonly problem: string;
  readonly remedy: string;

  /** @param others refused with it; only the message has them */
  constructor({ reason, key, otherKey, problem, remedy }: Refusal, ...others: readonly Refusal[]) {
    super(
      [{ key, problem, remedy }, ...others].map((each) => `${each.key}: ${each.problem}. ${each.remedy}`).join('\n'),
    );
    this.name = 'SubmissionRefused';
    this.reason = reason;
    this.key = key;
    this.otherKey = otherKey;
    this.problem = problem;
    this.remedy = remedy;
  }
}

/** The remedy of a refusal as problems of manifests have it: `write 512m`. */
export const asClause = (remedy: string): string =>
  remedy.replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase()).replace(/\.$/, '');

/** @param otherKey the key that it contradicts, if there is one */
export function refuseInvalid(key: string, problem: string, remedy: string, otherKey?: string): never {
  const reason = RefusalReason.InvalidConfiguration;
  throw new SubmissionRefused({ reason, key, problem, remedy, ...present({ otherKey }) });
}

export function refuseMissingImage(problem: string, field: string): never {
  throw new SubmissionRefused({
    reason: RefusalReason.MissingImage,
    key: 'spark.kubernetes.container.image',
    problem,
    remedy: `Set spec.image, ${field} or this key, or have a default of the workers set it (docs/defaults.md).`,
  });
}

export function refuseJvm(key: string, problem: string): never {
  throw new SubmissionRefused({
    reason: RefusalReason.RequiresJvm,
    key,
    problem,
    remedy: 'Use the submitter "spark-submit" or "spark-submit-job", which run Spark\'s own client.',
  });
}

export function refuseLocalFile(key: string, problem: string, alternative: string): never {
  throw new SubmissionRefused({
    reason: RefusalReason.RequiresLocalFile,
    key,
    problem,
    remedy: `${alternative}, or upload it first: with Spark's own spark-submit, or by hand.`,
  });
}
