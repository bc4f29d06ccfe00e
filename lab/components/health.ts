import { request } from 'node:https';

/** Asks a component's own health endpoint over TLS, whose self-signed certificate is of no interest; rejects unless ok. */
export function checkHealth(url: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    request(url, { rejectUnauthorized: false, signal, agent: false }, (response) => {
      response.resume();
      if (response.statusCode === 200) resolve();
      else reject(new Error(`${url}: HTTP status ${response.statusCode}`));
    })
      .on('error', reject)
      .end();
  });
}
