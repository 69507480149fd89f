import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { loadServerConfig } from '../src/config/config.ts';
import { newFolder } from './folder.ts';
import { haveTool } from './needs.ts';

/** What stands in deploy/ is what this version understands. Starting it takes a container engine, which tests do not need. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const text = (path: string) => readFileSync(join(root, path), 'utf8');
// biome-ignore lint/suspicious/noExplicitAny: read from YAML
type Any = any;

const SECRETS = ['SIGNET_ROOT_PASSWORD', 'SIGNET_DB_PASSWORD', 'SIGNET_MQ_PASSWORD', 'SIGNET_REDIS_PASSWORD'];

describe('deploy/compose.yaml', () => {
  const compose: Any = parse(text('deploy/compose.yaml'), { merge: true });
  const services: [string, Any][] = Object.entries(compose.services);
  /** As compose does: `${NAME:-fallback}`, `${NAME:?why}`. */
  const filled = (value: string) =>
    value.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_all, name: string, kind: string, rest: string) => {
      if (SECRETS.includes(name)) return 'e3b0c44298fc1c14';
      expect(kind, `${name} has no value when nothing is set`).toBe('-');
      return rest;
    });
  const signets = services.filter(([, service]) => service.environment?.SIGNET_STORE !== undefined);

  test('has the parts of an installation', () => {
    expect(services.map(([name]) => name).sort()).toEqual(
      ['api-1', 'api-2', 'mariadb', 'proxy', 'rabbitmq', 'redis', 'simulator', 'worker-1', 'worker-2'].sort(),
    );
    for (const [name, service] of services) {
      expect(service.image, name).toMatch(/^[a-z]+:[\w.-]+$/);
      expect(service.image, name).not.toMatch(/:latest$/);
      expect(service.restart, name).toBe('unless-stopped');
      for (const other of Array.isArray(service.depends_on)
        ? service.depends_on
        : Object.keys(service.depends_on ?? {})) {
        expect(compose.services, name).toHaveProperty(other);
      }
    }
  });

  test('gives each process an environment that it accepts, and a data directory of its own', () => {
    const roles = signets.map(([, { environment }]) => {
      const env = Object.entries(environment as Record<string, string>).map(([name, value]) => [name, filled(value)]);
      const config = loadServerConfig(Object.fromEntries(env));
      expect(config.queue?.address.host).toBe('rabbitmq');
      expect(config.redis?.address.host).toBe('redis');
      return config.roles;
    });
    expect(roles).toEqual([['api'], ['api'], ['worker', 'channel'], ['worker', 'channel']]);
    const volumes = signets.map(([, service]) => service.volumes.find((volume: string) => volume.endsWith(':/data')));
    expect(new Set(volumes).size).toBe(signets.length);
    for (const [name, service] of services) {
      for (const volume of (service.volumes ?? []) as string[]) {
        const [from] = volume.split(':');
        if (from!.startsWith('.')) expect(existsSync(join(root, 'deploy', from!)), `${name}: ${from}`).toBe(true);
        else expect(compose.volumes, name).toHaveProperty(from!);
      }
    }
  });

  test('builds its image once, whoever runs it', () => {
    const own = services.filter(([, service]) => service.image === 'signet:local');
    expect(own).toHaveLength(signets.length + 1);
    const built = services.filter(([, service]) => service.build !== undefined);
    expect(built.map(([, { image, build }]) => [image, build.context])).toEqual([['signet:local', '..']]);
  });

  test('stops a process later than that stops by itself', () => {
    for (const [name, service] of signets) {
      const delayS = Number(service.environment.SIGNET_STOP_DELAY_MS ?? 0) / 1_000;
      expect(Number.parseInt(service.stop_grace_period, 10), name).toBeGreaterThan(10 + delayS);
    }
  });

  test('has no password in it: each has to be set, and env.example names each', () => {
    const source = text('deploy/compose.yaml');
    for (const secret of SECRETS) {
      const uses = source.match(new RegExp(`\\$\\{${secret}[^}]*\\}`, 'g'))!;
      expect(new Set(uses)).toEqual(new Set([`\${${secret}:?set it in deploy/.env}`]));
      expect(text('deploy/env.example')).toMatch(new RegExp(`^${secret}=$`, 'm'));
    }
  });

  test('has a proxy that asks what there is', () => {
    const proxy = text('deploy/proxy/Caddyfile');
    for (const name of ['api-1', 'api-2']) expect(proxy).toContain(`${name}:5000`);
    expect(proxy).toContain('health_uri /readyz');
    expect(proxy.match(/\{/g)).toHaveLength(proxy.match(/\}/g)!.length);
  });
});

describe('deploy/kubernetes', () => {
  const folder = join(root, 'deploy/kubernetes');
  const read = (file: string): Any[] =>
    parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((document) => {
      expect(document.errors, file).toEqual([]);
      return document.toJS();
    });
  const { resources } = read('kustomization.yaml')[0]!;
  const objects: Any[] = resources.flatMap(read);
  const workloads = objects.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');

  test('lists every file', () => {
    const files = readdirSync(folder).filter((file) => !/^(kustomization|secret\.example)\.yaml$/.test(file));
    expect([...resources].sort()).toEqual(files.sort());
  });

  test('gives each process an environment that it accepts', () => {
    const ca = join(newFolder(), 'ca.crt');
    writeFileSync(ca, 'a certificate');
    const settings = objects.find(({ kind }) => kind === 'ConfigMap').data;
    const secret = read('secret.example.yaml')[0].stringData as Record<string, string>;
    const secrets = Object.entries(secret).map(([k, v]) => [k, v.replace('/etc/signet/tls/ca.crt', ca)]);
    const roles = workloads.map(({ spec }) => {
      const [container] = spec.template.spec.containers;
      const own = container.env.map(({ name, value }: Any) => [name, value]);
      const config = loadServerConfig({
        ...settings,
        ...Object.fromEntries(secrets),
        ...Object.fromEntries(own),
      });
      expect(config.queue?.address.tls).not.toBe(null);
      expect(config.redis?.address.tls).not.toBe(null);
      return config.roles;
    });
    expect(roles).toEqual([['api'], ['worker', 'channel']]);
  });

  test('runs without rights, answers probes, and is found by its services', () => {
    for (const { spec, metadata } of workloads) {
      const pod = spec.template.spec;
      const [container] = pod.containers;
      expect(pod.securityContext.runAsNonRoot, metadata.name).toBe(true);
      expect(container.securityContext, metadata.name).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container.readinessProbe.httpGet.path).toBe('/readyz');
      expect(container.livenessProbe.httpGet.path).toBe('/healthz');
      expect(container.startupProbe.httpGet.path).toBe('/healthz');
      for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
        const { port } = container[probe].httpGet;
        expect(container.ports.map(({ name }: Any) => name)).toContain(port);
      }
      // What `restricted` asks of every pod of the namespace.
      expect(pod.securityContext.seccompProfile.type).toBe('RuntimeDefault');
      expect(spec.template.metadata.annotations['prometheus.io/port']).toBe(String(container.ports[0].containerPort));
      expect(spec.template.metadata.labels).toEqual(spec.selector.matchLabels);
      expect(container.volumeMounts.map(({ mountPath }: Any) => mountPath)).toEqual(
        expect.arrayContaining(['/data', '/tmp']),
      );
      const mounted = container.volumeMounts.map(({ name }: Any) => name).sort();
      const claims = (spec.volumeClaimTemplates ?? []).map((claim: Any) => claim.metadata.name);
      expect([...pod.volumes.map(({ name }: Any) => name), ...claims].sort()).toEqual(mounted);
    }
    const labels = workloads.map(({ spec }) => spec.template.metadata.labels);
    for (const { spec } of objects.filter(({ kind }) => kind === 'Service'))
      expect(labels).toContainEqual(spec.selector);
  });

  test.runIf(haveTool('kubectl', '--help'))('is read by kubectl', () => {
    const built = spawnSync('kubectl', ['kustomize', folder], { encoding: 'utf8' });
    expect(built.stderr).toBe('');
    const kinds = parseAllDocuments(built.stdout).map((document) => (document.toJS() as Any).kind);
    expect(kinds).toEqual(expect.arrayContaining(['Deployment', 'StatefulSet', 'Service', 'Ingress', 'Namespace']));
  });
});

describe('the Dockerfile', () => {
  const docker = text('Dockerfile').replaceAll('\\\n', ' ');
  const lines = docker.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

  test('copies what there is', () => {
    for (const line of lines.filter((each) => each.startsWith('COPY --from=build'))) {
      const [, , from] = line.split(/\s+/);
      const path = from!.replace('/src/', '');
      // The console is only built where it is served.
      if (path !== 'console/dist') expect(existsSync(join(root, path)), path).toBe(true);
    }
    const workspaces = (JSON.parse(text('package.json')) as { workspaces: string[] }).workspaces;
    for (const workspace of workspaces) expect(docker).toContain(`COPY ${workspace}/package.json`);
  });

  test('ends as a user without rights, with a health check and settings that are known', () => {
    const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM')));
    expect(last.indexOf('USER node')).toBeGreaterThan(0);
    expect(last.some((line) => line.startsWith('HEALTHCHECK') && line.includes('/healthz'))).toBe(true);
    const env = last.find((line) => line.startsWith('ENV'))!;
    const settings = Object.fromEntries(
      [...env.matchAll(/(SIGNET_\w+)=(\S+)/g)].map(([, name, value]) => [name!, value!]),
    );
    expect(loadServerConfig(settings)).toMatchObject({ host: '0.0.0.0', port: 5000, dataDir: '/data' });
  });
});
