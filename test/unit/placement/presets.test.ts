import { describe, expect, it } from 'vitest';
import { parsePlacement, place, preflight, type PresetName } from '../../../src/placement/index.ts';
import { expectedNodes, presetClusters } from '../../support/preset-clusters.ts';
import { identity, submission } from '../spark/fixtures.ts';

describe.each(Object.keys(presetClusters) as PresetName[])('preset %s', (preset) => {
  const cluster = presetClusters[preset];
  const nodes = [...cluster.others, ...cluster.compute];

  it.each(Object.entries(expectedNodes(cluster)))(
    'profile %s puts pods on its own nodes and no other',
    (profile, expected) => {
      const placement = parsePlacement({ preset });
      const placed = place(submission, { placement, profile, nodes, attemptLabels: identity.labels });
      const fits = preflight(placed.submission, nodes, { driver: {}, executor: {} }, placement, profile);
      expect(fits.map(({ admitted }) => admitted)).toEqual(expected);
    },
  );
});

describe('do-not-disrupt', () => {
  it.each([
    ['eks-karpenter', 'karpenter.sh/do-not-disrupt', 'true'],
    ['gke', 'cluster-autoscaler.kubernetes.io/safe-to-evict', 'false'],
    ['aks', 'cluster-autoscaler.kubernetes.io/safe-to-evict', 'false'],
  ])('%s asks its autoscaler to leave drivers, and not executors, where they are', (preset, key, value) => {
    const { driverPodTemplate, executorPodTemplate } = place(submission, {
      placement: parsePlacement({ preset }),
      attemptLabels: identity.labels,
    }).submission;
    expect(driverPodTemplate.metadata!.annotations).toMatchObject({ [key]: value });
    expect(executorPodTemplate!.metadata?.annotations).toBeUndefined();
  });
});
