import { LabBase, type StartCluster } from './base.ts';
import { startTemporal, type Temporal } from './components/temporal.ts';
import { type Lab, LabMode, type LabOptions } from './contract.ts';
import { bindToProcess } from './exit.ts';
import { LabRecord, sweepOrphanedLabs } from './record.ts';

/**
 * Starts a separate embedded environment and resolves when everything in it is ready. Leftovers of labs whose
 * owner was killed are removed first. It ends with `stop()`, and with this process, however that ends.
 *
 * When it rejects, everything has been stopped, and only the logs are left in the directory that the message names; not
 * even those when `signal` ended the start.
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  options.signal?.throwIfAborted();
  sweepOrphanedLabs();
  const record = LabRecord.create(options.mode);
  const base = new LabBase(options, record);
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= base.stop().finally(() => {
      unbind();
      record.release();
    });
    return stopping;
  };
  const unbind = bindToProcess(record, stop);
  const giveUp = (): void => void base.stop(options.signal?.reason);
  options.signal?.addEventListener('abort', giveUp, { once: true });
  try {
    const [cluster, temporal] = await Promise.all([
      clusterStarter(options.mode).then((start) => start(base)),
      options.temporal === false ? undefined : startTemporalFor(base),
    ]);
    const description = {
      kubeconfig: cluster.kubeconfig,
      ...(temporal === undefined ? {} : { temporal }),
      sparkImages: cluster.sparkImages ?? {},
    };
    record.describe(description);
    return {
      mode: options.mode,
      directory: record.directory,
      ...description,
      ...(cluster.auditLog === undefined ? {} : { auditLog: cluster.auditLog }),
      components: base.supervisor.components,
      stop,
    };
  } catch (error) {
    await base.stop();
    unbind();
    record.release({ keepLogs: options.signal?.aborted !== true });
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', giveUp);
  }
}

async function clusterStarter(mode: LabMode): Promise<StartCluster> {
  switch (mode) {
    case LabMode.Simulated:
      return (await import('./simulated.ts')).startSimulated;
    case LabMode.Real:
      return (await import('./real/real.ts')).startReal;
    case LabMode.Existing:
      return (await import('./existing.ts')).useExisting;
    default:
      return mode satisfies never;
  }
}

async function startTemporalFor(base: LabBase): Promise<Temporal> {
  const { temporal } = await base.tools('temporal');
  const { persistTemporal = false, temporalDynamicConfig = {} } = base.options;
  return startTemporal(base, { binary: temporal, persist: persistTemporal, dynamicConfig: temporalDynamicConfig });
}
