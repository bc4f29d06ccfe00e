import { supportedSparkVersions } from '../spark-version.ts';
import { knownSettings } from './known-settings.ts';
import type { settingKinds } from './setting-kinds.ts';

/** What Spark reads of a setting when a driver starts or runs its first job. */
export interface Setting {
  readonly kind: keyof typeof settingKinds;
  /** Of times and sizes: the unit of a number alone. */
  readonly unit: string;
  /** The smallest value, `>0` for one above zero; undefined where any will do. */
  readonly least: string | undefined;
  readonly most: string | undefined;
  /** The first and the last minor version of Spark, by their places in `supportedSparkVersions`. */
  readonly versions: readonly [first: number, last: number];
}

let byKey: ReadonlyMap<string, readonly Setting[]> | undefined;

/** The setting of that key in a minor version of Spark; undefined where any text will do, or Spark does not know it. */
export function settingOf(key: string, minorVersion: string): Setting | undefined {
  byKey ??= decoded();
  const settings = byKey.get(key);
  if (settings === undefined) return undefined;
  const version = supportedSparkVersions.indexOf(minorVersion);
  return settings.find(({ versions: [first, last] }) => first <= version && version <= last);
}

function decoded(): ReadonlyMap<string, readonly Setting[]> {
  const settings = new Map<string, Setting[]>();
  for (const [description, keys] of Object.entries(knownSettings)) {
    const [kind, unit, least, most] = description.split(' ') as [Setting['kind'], string?, string?, string?];
    for (const text of keys.split(' ')) {
      const [key = '', range = '-'] = text.split('@');
      const [first = '', last = ''] = range.split('-');
      const setting: Setting = {
        kind,
        unit: unit ?? '',
        least: least === '' ? undefined : least,
        most: most === '' ? undefined : most,
        versions: [
          first === '' ? 0 : supportedSparkVersions.indexOf(first),
          last === '' ? supportedSparkVersions.length - 1 : supportedSparkVersions.indexOf(last),
        ],
      };
      settings.set(key, [...(settings.get(key) ?? []), setting]);
    }
  }
  return settings;
}
