import { isDeepStrictEqual } from 'node:util';
import { closest, didYouMean } from '../../validation/closest.ts';
import { present } from '../../validation/present.ts';
import { ApplicationAnnotation, type SparkApplication } from '../../manifest/index.ts';
import type { ManifestProblem } from '../../validation/problem.ts';
import { pathText } from '../../validation/problems.ts';
import type { SparkApplicationSubmitter, SubmitterCapability } from '../contract.ts';
import { SubmitterError, SubmitterErrorType } from '../submitter-error.ts';
import { Canary, type CanaryTrial } from './canary.ts';
import type { Shadow } from './shadow.ts';
import { isAmong, isFor } from './share.ts';
import { SubmittersConfigurationError, type SubmittersConfiguration } from './submitters-configuration.ts';

const DEFAULT_SUBMITTER = 'native';

/**
 * The submitters of a worker, and which of them an application gets: the one its annotation `temporal-spark/submitter`
 * names, else that of the first rule that fits, else the default. They can be exchanged while applications run: a
 * driver keeps the one that made it; the next attempt, or another try of a submission, takes what is configured then.
 */
export class Submitters {
  private byName: ReadonlyMap<string, SparkApplicationSubmitter>;
  private configuration: SubmittersConfiguration;
  private canaries: readonly Canary[];

  /** @throws SubmittersConfigurationError where it names a submitter that there is none of */
  constructor(available: readonly SparkApplicationSubmitter[], configuration: SubmittersConfiguration = {}) {
    ({ byName: this.byName, configuration: this.configuration } = checked(available, configuration));
    this.canaries = canariesOf(configuration, []);
  }

  /** From now on these. @throws SubmittersConfigurationError; what was there before stays then */
  exchange(available: readonly SparkApplicationSubmitter[], configuration: SubmittersConfiguration): void {
    ({ byName: this.byName, configuration: this.configuration } = checked(available, configuration));
    this.canaries = canariesOf(configuration, this.canaries);
  }

  get names(): readonly string[] {
    return [...this.byName.keys()].sort();
  }

  /** Undefined where there is none of that name. */
  named(name: string): SparkApplicationSubmitter | undefined {
    return this.byName.get(name);
  }

  /** @throws SubmitterError UnknownSubmitter (not retryable), with the names that are known */
  choose({ metadata }: Pick<SparkApplication, 'metadata'>): SparkApplicationSubmitter {
    const annotated = metadata.annotations[ApplicationAnnotation.Submitter];
    const rule = this.configuration.rules?.find((each) => isFor(each, metadata));
    const name = annotated ?? rule?.submitter ?? this.configuration.default ?? DEFAULT_SUBMITTER;
    const submitter = this.byName.get(name);
    if (submitter !== undefined) return submitter;
    const suggestion = closest(name, this.names);
    throw new SubmitterError(
      SubmitterErrorType.UnknownSubmitter,
      `There is no submitter "${name}" here.${suggestion === undefined ? '' : ` Did you mean "${suggestion}"?`} Known: ${this.names.join(', ')}.`,
    );
  }

  /** Who is tried instead of the one that was chosen; nobody where the application itself names one. */
  trialOf(
    { metadata }: Pick<SparkApplication, 'metadata'>,
    chosen: SparkApplicationSubmitter,
  ): CanaryTrial | undefined {
    if (metadata.annotations[ApplicationAnnotation.Submitter] !== undefined) return undefined;
    const canary = this.canaries.find(({ configuration }) => isFor(configuration, metadata));
    const name = canary?.configuration.submitter;
    if (canary === undefined || name === undefined || name === chosen.name) return undefined;
    if (!isAmong(canary.percent, `canary ${name}`, metadata)) return undefined;
    return {
      submitter: this.byName.get(name)!,
      succeeded: () => canary.succeeded(),
      failed: () => canary.failed(),
    };
  }

  /** Who is to say, beside the one that submits, what it would have created; absent where there is nobody to compare with. */
  shadowOf({ metadata }: Pick<SparkApplication, 'metadata'>, submitter: SparkApplicationSubmitter): Shadow | undefined {
    const found = this.configuration.shadow?.find((each) => isFor(each, metadata));
    if (found === undefined || found.submitter === submitter.name) return undefined;
    if (!isAmong(found.percent ?? 100, `shadow ${found.submitter}`, metadata)) return undefined;
    // It was checked that it has.
    const rendering = this.byName.get(found.submitter) as Shadow['submitter'];
    return { submitter: rendering, timeoutMs: (found.timeoutSeconds ?? 10) * 1000 };
  }

  /** Names of those that can do this. */
  thatCan(capability: SubmitterCapability): readonly string[] {
    return this.names.filter((name) => this.byName.get(name)!.capabilities?.includes(capability));
  }
}

function checked(
  available: readonly SparkApplicationSubmitter[],
  configuration: SubmittersConfiguration,
): { byName: ReadonlyMap<string, SparkApplicationSubmitter>; configuration: SubmittersConfiguration } {
  const byName = new Map(available.map((submitter) => [submitter.name, submitter]));
  const problems = unknownSubmitters(configuration, [...byName.keys()]);
  for (const [index, { submitter }] of (configuration.shadow ?? []).entries()) {
    const known = byName.get(submitter);
    if (known === undefined || known.render !== undefined) continue;
    const path = ['shadow', index, 'submitter'];
    problems.push({
      document: 1,
      path,
      pathText: pathText(path),
      code: 'unusable',
      value: submitter,
      message: `names a submitter that can't say what it would create: "${submitter}" has no render`,
    });
  }
  if (problems.length > 0) throw new SubmittersConfigurationError(problems);
  return { byName, configuration };
}

/** Each place where a configuration names a submitter that is not among these. */
export function unknownSubmitters(configuration: SubmittersConfiguration, known: readonly string[]): ManifestProblem[] {
  const named: { path: (string | number)[]; name: string }[] = [
    ...(configuration.default === undefined ? [] : [{ path: ['default'], name: configuration.default }]),
    ...(configuration.rules ?? []).map(({ submitter }, index) => ({
      path: ['rules', index, 'submitter'],
      name: submitter,
    })),
    ...(['canary', 'shadow'] as const).flatMap((key) =>
      (configuration[key] ?? []).map(({ submitter }, index) => ({ path: [key, index, 'submitter'], name: submitter })),
    ),
  ];
  return named
    .filter(({ name }) => !known.includes(name))
    .map(({ path, name }): ManifestProblem => ({
      document: 1,
      path,
      pathText: pathText(path),
      code: 'unknown_submitter',
      value: name,
      message: `names a submitter that there is none of, "${name}"`,
      allowed: known.toSorted().join(', '),
      ...present({ remedy: didYouMean(name, known) }),
    }));
}

/** One whose entry is as it was keeps what is known of it, and stays given up. */
function canariesOf({ canary = [] }: SubmittersConfiguration, before: readonly Canary[]): readonly Canary[] {
  return canary.map((entry) => {
    const known = before.find(({ configuration }) => isDeepStrictEqual(configuration, entry));
    return known ?? new Canary(entry);
  });
}
