import { Option, type Command } from 'commander';
import {
  addClusterFlags,
  addTemporalFlags,
  namespaceFlag,
  outputFlag,
  placementFileFlag,
  taskQueueFlag,
  type CommandContext,
} from '../../flags.ts';
import type { DoctorFlags } from './doctor.ts';

export function declareDoctor(program: Command, { version, end }: CommandContext): void {
  addClusterFlags(addTemporalFlags(program.command('doctor')))
    .summary('Check Temporal, clusters and workers')
    .description('Check Temporal, clusters, permissions, nodes and workers, and print a remedy for each problem')
    .addOption(taskQueueFlag())
    .addOption(namespaceFlag("Kubernetes namespace of the applications (default: the kubeconfig's namespace)"))
    .addOption(placementFileFlag())
    .addOption(
      new Option('--isolated [rights]', "Workers submit with the permissions of each application's service account")
        .choices(['impersonation', 'token'])
        .preset('impersonation'),
    )
    .option('--operator', 'Workers serve SparkApplication resources: check their kinds and permissions')
    .option('--manifest <file>', 'Applications, pipelines or schedules to run: check which nodes fit their pods')
    .addOption(outputFlag())
    .action(async (flags: DoctorFlags) => {
      const { doctor } = await import('./doctor.ts');
      end(await doctor(flags, version));
    });
}
