import { closest } from '../../manifest/closest.ts';
import { ApplicationAnnotation, type SparkApplication } from '../../manifest/index.ts';
import { pathText, type ManifestProblem } from '../../manifest/problems.ts';
import type { SparkApplicationSubmitter, SubmitterCapability } from '../contract.ts';
import { SubmitterError, SubmitterErrorType } from '../submitter-error.ts';
import { SubmittersConfigurationError, type SubmittersConfiguration } from './configuration.ts';

const DEFAULT_SUBMITTER = 'native';

/**
 * The submitters of a worker, and which of them an application gets: the one its annotation `temporal-spark/submitter`
 * names, else that of the first rule that fits, else the default. They can be exchanged while applications run: an
 * attempt keeps the one that began it, the next takes what is configured then.
 */
export class Submitters {
  private byName: ReadonlyMap<string, SparkApplicationSubmitter>;
  private configuration: SubmittersConfiguration;

  /** @throws SubmittersConfigurationError where it names a submitter that there is none of */
  constructor(available: readonly SparkApplicationSubmitter[], configuration: SubmittersConfiguration = {}) {
    ({ byName: this.byName, configuration: this.configuration } = checked(available, configuration));
  }

  /** From now on these. @throws SubmittersConfigurationError; what was there before stays then */
  exchange(available: readonly SparkApplicationSubmitter[], configuration: SubmittersConfiguration): void {
    ({ byName: this.byName, configuration: this.configuration } = checked(available, configuration));
  }

  get names(): readonly string[] {
    return [...this.byName.keys()].sort();
  }

  /** @throws SubmitterError UnknownSubmitter (not retryable), with the names that are known */
  choose({ metadata }: Pick<SparkApplication, 'metadata'>): SparkApplicationSubmitter {
    const annotated = metadata.annotations[ApplicationAnnotation.Submitter];
    const rule = this.configuration.rules?.find(
      ({ namespaces, labels = {} }) =>
        (namespaces?.includes(metadata.namespace) ?? true) &&
        Object.entries(labels).every(([key, value]) => metadata.labels[key] === value),
    );
    const name = annotated ?? rule?.submitter ?? this.configuration.default ?? DEFAULT_SUBMITTER;
    const submitter = this.byName.get(name);
    if (submitter !== undefined) return submitter;
    const suggestion = closest(name, this.names);
    throw new SubmitterError(
      SubmitterErrorType.UnknownSubmitter,
      `There is no submitter "${name}" here.${suggestion === undefined ? '' : ` Did you mean "${suggestion}"?`} Known: ${this.names.join(', ')}.`,
    );
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
  const named: { path: (string | number)[]; name: string }[] = [
    ...(configuration.default === undefined ? [] : [{ path: ['default'], name: configuration.default }]),
    ...(configuration.rules ?? []).map(({ submitter }, index) => ({
      path: ['rules', index, 'submitter'],
      name: submitter,
    })),
  ];
  const problems = named
    .filter(({ name }) => !byName.has(name))
    .map(({ path, name }): ManifestProblem => {
      const suggestion = closest(name, [...byName.keys()]);
      return {
        document: 1,
        path,
        pathText: pathText(path),
        code: 'unknown_submitter',
        value: name,
        message: `names a submitter that there is none of, "${name}"`,
        allowed: [...byName.keys()].sort().join(', '),
        ...(suggestion === undefined ? {} : { remedy: `did you mean "${suggestion}"?` }),
      };
    });
  if (problems.length > 0) throw new SubmittersConfigurationError(problems);
  return { byName, configuration };
}
