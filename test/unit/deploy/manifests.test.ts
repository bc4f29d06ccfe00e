import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Pod } from '../../../src/kubernetes/objects.ts';
import { root } from '../../support/build.ts';
import { objectsOf } from '../../support/chart.ts';

it('the workers run without root, a writable root file system, capabilities and system calls that they do not need', () => {
  const objects = objectsOf(readFileSync(join(root, 'deploy/manifests/temporal-spark.yaml'), 'utf8'));
  const deployment = objects.find(({ kind }) => kind === 'Deployment') as unknown as { spec: { template: Pod } };
  const { securityContext, containers } = deployment.spec.template.spec!;
  expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
  for (const container of containers) {
    expect(container.securityContext, container.name).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  }
});
