import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { ConfigMap, KubernetesObject } from '../../kubernetes/objects.ts';
import { RefusalReason, SubmissionRefused, type Refusal } from '../submission-refused.ts';

/** The most that an API server stores in a ConfigMap, in bytes. */
const MAX_CONFIG_MAP = 1024 ** 2;

/** What a ConfigMap is made of, by the end of its name. */
const contents: readonly (readonly [ending: string, key: string, what: string])[] = [
  ['-driver-podspec-conf-map', 'spec.executor', "the executors' pod template"],
  ['-prom-conf', 'spec.monitoring', 'the configuration of monitoring'],
  ['-driver-conf-map', 'spec.sparkConf', 'the configuration of the driver'],
];

/** The ConfigMaps among the objects that no API server would store. */
export function oversized(objects: readonly KubernetesObject[]): Refusal[] {
  return objects.flatMap((object) => {
    if (object.kind !== 'ConfigMap') return [];
    const { metadata, data = {} } = object as ConfigMap;
    const text = Object.values(data).join('');
    // No character takes more than three bytes.
    const size = text.length * 3 <= MAX_CONFIG_MAP ? 0 : utf8ToBytes(text).length;
    if (size <= MAX_CONFIG_MAP) return [];
    const [, key, what] = contents.find(([ending]) => metadata?.name?.endsWith(ending)) ?? contents.at(-1)!;
    return [
      {
        reason: RefusalReason.InvalidConfiguration,
        key,
        problem: `${what} is ${bytes(size)} bytes, and a ConfigMap holds ${bytes(MAX_CONFIG_MAP)}`,
        remedy: 'Put large parts in files of the image or in a volume.',
      },
    ];
  });
}

/** @throws SubmissionRefused where one of the objects is too large for an API server */
export function refuseOversized(objects: readonly KubernetesObject[]): void {
  for (const refusal of oversized(objects)) throw new SubmissionRefused(refusal);
}

const bytes = (size: number): string => size.toLocaleString('en-US');
