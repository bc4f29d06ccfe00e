import { ApplicationAnnotation } from '../manifest/annotations.ts';
import type { SparkApplication } from '../manifest/spark-application.ts';
import type { TeamDefault } from '../protocol/team-default.ts';
import { isFor } from '../validation/matching.ts';
import type { DefaultsConfiguration, DefaultsRule } from './defaults-configuration.ts';
import { OwnValues } from './own-values.ts';

/**
 * What applications get that their manifests leave out. It can be exchanged while applications run: an attempt that has
 * begun keeps what was decided for it, each further attempt gets what the configuration has then.
 */
export class TeamDefaults {
  /** Name of its file, for messages. */
  readonly file: string | undefined;
  private configuration: DefaultsConfiguration;

  /** @param configuration of `readDefaults` or `parseDefaults` */
  constructor(configuration: DefaultsConfiguration, file?: string) {
    this.configuration = configuration;
    this.file = file;
  }

  exchange(configuration: DefaultsConfiguration): void {
    this.configuration = configuration;
  }

  /** The rules for an application, in their order. */
  rulesOf({ metadata }: SparkApplication): readonly DefaultsRule[] {
    return this.configuration.rules.filter(({ match = {} }) => isFor(match, metadata));
  }

  /** The number of a rule in the file, counted from 1. */
  numberOf(name: string): number {
    return this.configuration.rules.findIndex((rule) => rule.name === name) + 1;
  }

  /** Each value that an application lacks and a rule has; of several rules with it, the last one decides. */
  decide(application: SparkApplication): readonly TeamDefault[] {
    const own = new OwnValues(application);
    const decided = new Map<string, TeamDefault>();
    for (const { name, set } of this.rulesOf(application)) {
      for (const [path, value] of lacking(set, own)) {
        decided.set(JSON.stringify(path), { rule: name, path, value });
      }
    }
    return [...decided.values()];
  }
}

type Entry = readonly [path: readonly string[], value: string | number];

/** What a rule sets and the application lacks, at the paths of a manifest. */
function lacking(set: DefaultsRule['set'], own: OwnValues): readonly Entry[] {
  const { image, serviceAccount, timeToLiveSeconds, placementProfile } = set;
  const { labels = {}, sparkConf = {}, eventLog = {} } = set;
  const entries: (readonly [path: readonly string[], value: string | number | undefined])[] = [
    [['spec', 'image'], image],
    [['spec', 'driver', 'serviceAccount'], serviceAccount],
    [['spec', 'timeToLiveSeconds'], timeToLiveSeconds],
    [['metadata', 'annotations', ApplicationAnnotation.PlacementProfile], placementProfile],
    ...Object.entries(sparkConf).map(([key, value]) => [['spec', 'sparkConf', key], value] as const),
    ...Object.entries(eventLog).map(
      ([field, value]) => [['spec', 'sparkConf', `spark.eventLog.${field}`], String(value)] as const,
    ),
    ...Object.entries(labels).flatMap(([key, value]) => own.placesOfLabel(key).map((path) => [path, value] as const)),
  ];
  return entries.filter((entry): entry is Entry => entry[1] !== undefined && !own.has(entry[0]));
}
