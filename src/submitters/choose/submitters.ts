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
import { isFor } from '../../validation/matching.ts';
import { isAmong } from './share.ts';
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

  /** @throws SubmittersConfigurationError if it names an unknown submitter */
  constructor(available: readonly SparkApplicationSubmitter[], configuration: SubmittersConfiguration = {}) {
    ({ byName: this.byName, configuration: this.configuration } = checked(available, configuration));
    this.canaries = canariesOf(configuration, []);
  }

  /** Replaces the submitters. @throws SubmittersConfigurationError; the previous ones stay then */
  exchange(available: readonly SparkApplicationSubmitter[], configuration: SubmittersConfiguration): void {
    ({ byName: this.byName, configuration: this.configuration } = checked(available, configuration));
    this.canaries = canariesOf(configuration, this.canaries);
  }

  get names(): readonly string[] {
    return [...this.byName.keys()].sort();
  }

  /** Undefined for an unknown name. */
  named(name: string): SparkApplicationSubmitter | undefined {
    return this.byName.get(name);
  }

  /** @throws SubmitterError UnknownSubmitter (not retryable), with the known names */
  choose({ metadata }: Pick<SparkApplication, 'metadata'>): SparkApplicationSubmitter {
    const annotated = metadata.annotations[ApplicationAnnotation.Submitter];
    const rule = this.configuration.rules?.find((each) => isFor(each, metadata));
    const name = annotated ?? rule?.submitter ?? this.configuration.default ?? DEFAULT_SUBMITTER;
    const submitter = this.byName.get(name);
    if (submitter !== undefined) return submitter;
    const suggestion = closest(name, this.names);
    throw new SubmitterError(
      SubmitterErrorType.UnknownSubmitter,
      `Unknown submitter "${name}"${suggestion === undefined ? '' : ` (did you mean "${suggestion}"?)`}; known: ${this.names.join(', ')}.`,
    );
  }

  /** The canary that is tried instead of the chosen submitter; undefined where the application itself names one. */
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

  /** The shadow to compare with the chosen submitter; undefined where none is configured. */
  shadowOf({ metadata }: Pick<SparkApplication, 'metadata'>, submitter: SparkApplicationSubmitter): Shadow | undefined {
    const found = this.configuration.shadow?.find((each) => isFor(each, metadata));
    if (found === undefined || found.submitter === submitter.name) return undefined;
    if (!isAmong(found.percent ?? 100, `shadow ${found.submitter}`, metadata)) return undefined;
    // Its `render` was checked.
    const rendering = this.byName.get(found.submitter) as Shadow['submitter'];
    return { submitter: rendering, timeoutMs: (found.timeoutSeconds ?? 10) * 1000 };
  }

  /** Names of the submitters with this capability. */
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
      message: `submitter "${submitter}" cannot be a shadow: it has no render function`,
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
      message: `unknown submitter "${name}"`,
      allowed: known.toSorted().join(', '),
      ...present({ remedy: didYouMean(name, known) }),
    }));
}

/** A canary whose entry is unchanged keeps its counts, and stays stopped. */
function canariesOf({ canary = [] }: SubmittersConfiguration, before: readonly Canary[]): readonly Canary[] {
  return canary.map((entry) => {
    const known = before.find(({ configuration }) => isDeepStrictEqual(configuration, entry));
    return known ?? new Canary(entry);
  });
}
