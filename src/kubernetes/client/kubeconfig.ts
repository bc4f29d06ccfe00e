import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { readProblem } from '../../validation/read-problem.ts';
import { configurationFailure } from '../errors/failure.ts';
import { KubernetesErrorType } from '../errors/kubernetes-error.ts';

/** Which cluster, and as which user. */
export interface KubeConfigSource {
  /**
   * A kubeconfig file, several separated as in `KUBECONFIG`, or a configuration of the official client that is ready.
   *
   * @default the files in `KUBECONFIG`, else `~/.kube/config`, else the pod's service account
   */
  readonly kubeconfig?: string | KubeConfig;
  /** Context of the kubeconfig. @default its current context */
  readonly context?: string;
  /** Use the pod's service account, whatever else is there. @default false */
  readonly inCluster?: boolean;
}

const IN_CLUSTER_CONTEXT = 'inClusterContext';

/**
 * Loads a kubeconfig and checks that its context is complete.
 *
 * @throws KubernetesError of type InvalidConfiguration
 */
export function loadKubeConfig(source: KubeConfigSource): KubeConfig {
  const config = read(source);
  if (source.context !== undefined) config.setCurrentContext(source.context);
  const context = config.getContextObject(config.getCurrentContext());
  if (context === null) {
    const contexts = config.getContexts().map(({ name }) => name);
    throw invalid(
      source.context === undefined
        ? 'The kubeconfig has no current context'
        : `The kubeconfig has no context "${source.context}"`,
      `choose one of: ${contexts.join(', ') || '(none)'}`,
    );
  }
  for (const [key, found] of [
    ['cluster', config.getCurrentCluster()],
    ['user', config.getCurrentUser()],
  ] as const) {
    if (found === null) {
      throw invalid(
        `Context "${context.name}" names the ${key} "${context[key]}"`,
        `the kubeconfig has no such ${key}`,
      );
    }
  }
  const { name, server, skipTLSVerify } = config.getCurrentCluster()!;
  const protocol = URL.parse(server)?.protocol;
  if (protocol !== 'https:' && !(protocol === 'http:' && skipTLSVerify)) {
    throw invalid(
      `Cluster "${name}" has the server "${server}"`,
      'it must be an https address (or http, with insecure-skip-tls-verify: true)',
    );
  }
  return config;
}

/** The cluster as a person knows it: the kubeconfig context, or `in-cluster`. */
export function clusterName(config: KubeConfig): string {
  const context = config.getCurrentContext();
  return context === IN_CLUSTER_CONTEXT ? 'in-cluster' : context;
}

function read({ kubeconfig, inCluster }: KubeConfigSource): KubeConfig {
  if (typeof kubeconfig === 'object') {
    // A copy, so that choosing a context does not change the caller's; it shares the authenticators and their caches.
    return Object.assign(new KubeConfig(), kubeconfig);
  }
  const config = new TokenFileKubeConfig();
  try {
    if (inCluster === true) config.loadFromCluster();
    else if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFiles(kubeconfig.split(path.delimiter).filter((file) => file !== ''));
  } catch (error) {
    throw configurationFailure(
      KubernetesErrorType.InvalidConfiguration,
      'The kubeconfig cannot be used',
      inWords(error),
    );
  }
  if (config.getCurrentCluster()?.server === UNCONFIGURED_SERVER && kubeconfig === undefined) {
    throw invalid('No cluster is configured', 'set KUBECONFIG, create ~/.kube/config, or run in a pod');
  }
  if (config.getCurrentContext() === IN_CLUSTER_CONTEXT && process.env['KUBERNETES_SERVICE_HOST'] === undefined) {
    throw invalid('Not running in a pod', 'KUBERNETES_SERVICE_HOST is not set');
  }
  return config;
}

/** A file that cannot be read, without the call and the code of the system. */
function inWords(error: unknown): unknown {
  const { path: file } = error as { readonly path?: string };
  return file === undefined ? error : `${file}: ${readProblem(error)}`;
}

/** What `loadFromDefault` settles for when it finds nothing. */
const UNCONFIGURED_SERVER = 'http://localhost:8080';

/** The official loader does not know a user's `tokenFile`, but its in-cluster authentication reads such files again. */
class TokenFileKubeConfig extends KubeConfig {
  /** As kubectl does: what comes first wins, and of several files some may be missing. */
  loadFromFiles(files: readonly string[]): void {
    const present = files.filter((file) => existsSync(file));
    const [first = files[0]!, ...others] = present;
    this.loadFromFile(first);
    for (const file of others) {
      const other = new TokenFileKubeConfig();
      other.loadFromFile(file);
      this.clusters.push(...other.clusters.filter(({ name }) => this.getCluster(name) === null));
      this.users.push(...other.users.filter(({ name }) => this.getUser(name) === null));
      this.contexts.push(...other.contexts.filter(({ name }) => this.getContextObject(name) === null));
      this.currentContext ||= other.currentContext;
    }
  }

  override loadFromDefault(): void {
    const files = process.env['KUBECONFIG']?.split(path.delimiter).filter((file) => file !== '') ?? [];
    if (files.length > 0) this.loadFromFiles(files);
    else super.loadFromDefault();
  }

  override loadFromFile(file: string): void {
    const config = parse(readFileSync(file, 'utf8')) as { users?: KubeConfigUser[] } | null;
    for (const { user } of config?.users ?? []) {
      if (user?.tokenFile === undefined) continue;
      user['auth-provider'] = {
        name: 'tokenFile',
        config: { tokenFile: path.resolve(path.dirname(file), user.tokenFile) },
      };
    }
    this.loadFromString(JSON.stringify(config ?? {}));
    this.makePathsAbsolute(path.dirname(file));
  }
}

interface KubeConfigUser {
  user?: { tokenFile?: string; 'auth-provider'?: unknown };
}

function invalid(problem: string, remedy: string): Error {
  return configurationFailure(KubernetesErrorType.InvalidConfiguration, `${problem}: ${remedy}`);
}
