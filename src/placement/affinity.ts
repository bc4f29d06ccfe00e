import type { Affinity } from '../manifest/kubernetes-types.ts';
import { present } from '../validation/present.ts';
import { ZONE_LABEL } from './node-facts.ts';
import type { Requirement } from './requirement.ts';

/**
 * Adds the requirements to every term: terms are alternatives, and one without them would bypass them. An empty term
 * matches no node, and stays empty.
 */
export function withRequired(affinity: Affinity | undefined, required: readonly Requirement[]): Affinity {
  const nodeAffinity = affinity?.nodeAffinity;
  const terms = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const expressions = required.map(({ key, operator, values }) => ({
    key,
    operator,
    ...present({ values: values && [...values] }),
  }));
  const isEmpty = ({ matchExpressions = [], matchFields = [] }: NonNullable<typeof terms>[number]) =>
    matchExpressions.length + matchFields.length === 0;
  return {
    ...affinity,
    nodeAffinity: {
      ...nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms:
          terms === undefined
            ? [{ matchExpressions: expressions }]
            : terms.map((term) =>
                isEmpty(term)
                  ? term
                  : {
                      ...term,
                      matchExpressions: [
                        ...(term.matchExpressions ?? []),
                        ...missingFrom(expressions, term.matchExpressions),
                      ],
                    },
              ),
      },
    },
  };
}

/** Executors prefer the zone of their attempt's pods: the driver's, which starts first. */
export function withZoneOf(affinity: Affinity | undefined, attemptLabels: Readonly<Record<string, string>>): Affinity {
  const preferred = affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return {
    ...affinity,
    podAffinity: {
      ...affinity?.podAffinity,
      preferredDuringSchedulingIgnoredDuringExecution: [
        ...preferred,
        {
          weight: 100,
          podAffinityTerm: { topologyKey: ZONE_LABEL, labelSelector: { matchLabels: { ...attemptLabels } } },
        },
      ],
    },
  };
}

/** The items to add that are not among the existing ones. */
export function missingFrom<T>(added: readonly T[], existing: readonly T[] = []): T[] {
  const known = new Set(existing.map((each) => JSON.stringify(each)));
  return added.filter((each) => !known.has(JSON.stringify(each)));
}
