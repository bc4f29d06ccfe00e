import { execa } from 'execa';
import { expect, it } from 'vitest';
import type { ScaleReport } from '../../bench/scale/scale.ts';
import { root } from '../support/build.ts';

it('npm run bench -- scale loses and doubles no application, and measures each process', async () => {
  const sizes = ['--applications', '8', '--rounds', '1', '--running', '8'];
  const { stdout } = await execa(process.execPath, ['bench/main.ts', 'scale', 'burst', 'recovery', ...sizes], {
    cwd: root,
    env: { KUBEFLOW_OPERATOR_BIN: undefined },
  });
  const { figures } = JSON.parse(stdout.split('\n').at(-1)!) as ScaleReport;
  for (const mode of ['burst', 'recovery']) {
    for (const count of ['failed', 'lost', 'doubled']) expect(figures[`${mode}.${count}`]).toMatchObject({ median: 0 });
  }
  for (const process of ['worker', 'temporal', 'kube-apiserver', 'etcd']) {
    expect(figures[`burst.cpu.${process}`]?.median).toBeGreaterThan(0);
    expect(figures[`burst.peak.${process}`]?.median).toBeGreaterThan(0);
  }
  expect(figures['burst.ofCeiling']).toMatchObject({ target: 'at least 85' });
});
