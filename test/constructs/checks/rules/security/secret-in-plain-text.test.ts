import { secretInPlainText } from '../../../../../constructs/checks/rules/security/secret-in-plain-text';
import { findingsOf } from '../../../../support/check-rule';

const deployment = (container: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: chat}
spec: {template: {spec: {containers: [{name: c, ${container}}]}}}
`;
const variable = (name: string, value: string) =>
  findingsOf(secretInPlainText, deployment(`env: [{name: ${name}, value: ${JSON.stringify(value)}}]`));
const configMap = (key: string, text: string) =>
  findingsOf(
    secretInPlainText,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'conf' },
      data: { [key]: text },
    }),
  );

test.each([
  ['OPENAI_API_KEY', 'sk-abc'],
  ['POSTGRES_PASSWORD', 'changeme'],
  ['POSTGRES_PASSWORD', 'password'],
  ['POSTGRES_PASSWORD', '123456'],
  ['REDIS_PASSWORD', 'pa$word1'],
  ['WEBUI_SECRET_KEY', 't0p-s3cr3t'],
  ['LITELLM_MASTER_KEY', 'sk-1234'],
  ['HF_TOKEN', 'hf_abc'],
  ['JWT_SECRET', 'your-secret-here'],
  ['OPENAI_API_KEY', '<your key>'.replace(' ', '-')],
  ['AWS_SECRET_ACCESS_KEY', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'],
  ['dbPassword', 'hunter2'],
  ['NEO4J_AUTH', 'neo4j/hunter2'],
  ['DATABASE_URL', 'postgresql://app:hunter2@db:5432/app'],
  ['REDIS_URL', 'redis://:hunter2@redis:6379/0'],
  ['CELERY_BROKER_URL', 'redis://:hunter2@redis:6379/1'],
  ['DSN', 'app:hunter2@tcp(db:3306)/app'],
  [
    'AZURE_STORAGE',
    'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=abc123==;EndpointSuffix=core.windows.net',
  ],
  ['DSN', 'host=db user=app password=hunter2 dbname=app'],
  ['JDBC_URL', 'jdbc:postgresql://db/app?user=app&password=hunter2'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'Authorization=Basic cGstbGYtMTpzay1sZi0x'],
  ['PROVIDERS', '{"url": "https://llm", "apiKey": "hunter2"}'],
  ['ANYTHING', 'ghp_abcdefghijklmnopqrstuvwxyz0123456789'],
])('%s with a literal value', (name, value) => {
  const found = variable(name, value);
  expect(found).toMatchObject([
    { object: 'Deployment/chat', path: 'spec.template.spec.containers[0].env[0].value', severity: 'error' },
  ]);
  for (const secret of ['hunter2', 't0p-s3cr3t', 'sk-1234', 'abc123==', '123456']) {
    expect(found[0]?.message + String(found[0]?.fix)).not.toContain(secret);
  }
});

test.each([
  ['OPENAI_API_KEY', 'EMPTY'],
  ['OPENAI_API_KEY', 'none'],
  ['OPENAI_API_KEY', 'eXaMpLeOnLy'],
  ['SMTP_PASSWORD', '<secret>'],
  ['OPENAI_API_KEY', 'sk-no-key-required'],
  ['OPENAI_API_KEY', ''],
  ['OPENAI_API_KEY', '$(FROM_SECRET)'],
  ['OPENAI_API_KEY', `\${FROM_SECRET}`],
  ['OPENAI_API_KEY', '{{ .Values.key }}'],
  ['OPENAI_API_KEY', 'os.environ/OPENAI_API_KEY'],
  ['POSTGRES_PASSWORD_FILE', '/run/secrets/password'],
  ['DB_PASSWORD', '/run/secrets/password'],
  ['SECRET_NAME', 'chat'],
  ['TLS_SECRET', 'chat-tls'],
  ['EXISTING_SECRET', 'chat'],
  ['MAX_TOKENS', '4096'],
  ['LLM_TOKENS', '4096'],
  ['EOS_TOKEN', '</s>'],
  ['PAD_TOKEN', '<|endoftext|>'],
  ['ALLOW_EMPTY_PASSWORD', 'yes'],
  ['ENABLE_API_KEY', 'true'],
  ['LANGFUSE_PUBLIC_KEY', 'pk-lf-123'],
  ['TOKENIZERS_PARALLELISM', 'false'],
  ['TOKEN_URL', 'https://login.example/token'],
  ['ADMIN_PASSWORD_HASH', '$2a$10$abcdefghijklmnopqrstuv'],
  ['ADMIN_PASSWORD', '$2a$10$abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabc'],
  ['DATABASE_URL', 'postgresql://app:$(DB_PASSWORD)@db:5432/app'],
  ['DATABASE_URL', 'postgresql://app@db:5432/app'],
  ['REDIS_URL', 'redis://redis:6379/0'],
  ['SENTRY_DSN', 'https://0123456789abcdef0123456789abcdef@sentry.example/1'],
  ['CALLBACK', 'http://chat:8080/@user'],
  ['SORT_KEY', 'name'],
  ['MYSQL_ALLOW_EMPTY_PASSWORD', '1'],
  ['ETCD_INITIAL_CLUSTER_TOKEN', 'etcd-cluster-1'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'Authorization=Basic $(AUTH)'],
  ['CACHE_KEY', 'chat'],
  ['SECRET', 'arn:aws:secretsmanager:eu-west-1:1:secret:chat'],
])('nothing to say of %s: %s', (name, value) => {
  expect(variable(name, value)).toEqual([]);
});

test('a value from a Secret, and the name of one, are none', () => {
  const yaml = `${deployment('env: [{name: A_TOKEN, valueFrom: {secretKeyRef: {name: s, key: k}}}, {name: APP_SECRET, value: app}]')}
---
apiVersion: v1
kind: Secret
metadata: {name: app}
stringData: {password: hunter2, url: "redis://:hunter2@redis"}`;
  expect(findingsOf(secretInPlainText, yaml)).toEqual([]);
});

test('in arguments and scripts', () => {
  const paths = (container: string) =>
    findingsOf(secretInPlainText, deployment(container)).map(({ path }) =>
      path.replace(/^.*containers\[0\]\./, ''),
    );
  expect(paths('args: [--model, m, --api-key, abc123]')).toEqual(['args[3]']);
  expect(paths('args: ["--api-key=abc123"]')).toEqual(['args[0]']);
  expect(paths('command: [redis-server, --requirepass, hunter2]')).toEqual(['command[2]']);
  expect(paths('command: [sh, -c, "PGPASSWORD=hunter2 psql -h db"]')).toEqual(['command[2]']);
  expect(paths('command: [sh, -c, "vllm serve m --api-key abc123 --port 8000"]')).toEqual(['command[2]']);
  expect(paths('args: [--api-key, $(VLLM_API_KEY), --max-tokens, "10", --enable-token]')).toEqual([]);
  expect(
    paths(
      'command: [sh, -c, "redis-server --requirepass $REDIS_PASSWORD --masterauth \\"$REDIS_PASSWORD\\""]',
    ),
  ).toEqual([]);
});

test('in headers of probes, init containers and kinds that nobody knows', () => {
  const yaml = `
apiVersion: serving.example.com/v1
kind: InferenceService
metadata: {name: llm}
spec:
  predictor:
    containers:
      - env: [{name: HF_TOKEN, value: hf_abc}]
        readinessProbe: {httpGet: {httpHeaders: [{name: Authorization, value: Bearer abcdef123456}]}}
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: s}
spec: {triggers: [{type: rabbitmq, metadata: {host: "amqp://app:hunter2@rabbit:5672"}}]}`;
  expect(findingsOf(secretInPlainText, yaml).map(({ object, path }) => [object, path])).toEqual([
    ['InferenceService/llm', 'spec.predictor.containers[0].env[0].value'],
    ['InferenceService/llm', 'spec.predictor.containers[0].readinessProbe.httpGet.httpHeaders[0].value'],
    ['ScaledObject/s', 'spec.triggers[0].metadata.host'],
  ]);
});

test.each([
  ['API_TOKEN', 'abc123', 'API_TOKEN'],
  ['config.yaml', 'db:\n  user: app\n  password: "hunter2" # of the database\n', 'password'],
  ['config.json', '{"db": {"user": "app", "password": "hunter2"}}', 'password'],
  ['grafana.ini', '[security]\nadmin_user = admin\nadmin_password = hunter2\n', 'admin_password'],
  ['app.properties', 'spring.datasource.password=hunter2', 'spring.datasource.password'],
  ['redis.conf', 'port 6379\nrequirepass hunter2\n', 'requirepass'],
  ['init.sql', "CREATE USER app WITH PASSWORD 'hunter2';", 'password'],
  ['setup.sh', '#!/bin/sh\nexport PGPASSWORD=hunter2\n', 'PGPASSWORD'],
  ['litellm.yaml', 'general_settings:\n  master_key: sk-1234\n', 'master_key'],
  ['.env', 'OPENAI_API_KEY=abc123\n', 'OPENAI_API_KEY'],
])('a ConfigMap with %s', (key, text, name) => {
  const found = configMap(key, text);
  expect(found).toMatchObject([{ object: 'ConfigMap/conf', message: expect.stringContaining(name) }]);
  expect(found[0]?.path).toMatch(/^data[.[]/);
  expect(found[0]?.message).not.toContain('hunter2');
});

test('a ConfigMap with a URL or a private key', () => {
  expect(
    configMap(
      'alertmanager.yml',
      'url: https://hooks.slack.com/services/T0AAAAAAA/B0AAAAAAA/abcdefghijklmnopqrstuvwx',
    ),
  ).toHaveLength(1);
  expect(configMap('app.toml', 'dsn = "postgres://app:hunter2@db/app"')).toHaveLength(1);
  expect(
    configMap('tls.key', `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC'.repeat(4)}`),
  ).toHaveLength(1);
});

test.each([
  [
    'config.yaml',
    `api_key: os.environ/OPENAI_API_KEY\npassword: \${DB_PASSWORD}\nmax_tokens: 100\ntoken: ""\n`,
  ],
  ['prometheus.yml', 'basic_auth:\n  password_file: /etc/p\nbearer_token_file: /var/run/secrets/token\n'],
  ['grafana.ini', 'client_secret = $__file{/etc/secrets/client}\nadmin_password =\n'],
  ['main.py', 'password = get_secret("x")\napi_key=os.environ["OPENAI_API_KEY"]\n'],
  ['start.sh', `PASSWORD="$(cat /run/secrets/p)"\nTOKEN=$1\nAPI_KEY=\${API_KEY:-}\n`],
  ['tokenizer_config.json', '{"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}'],
  ['locales.json', '{"password": "Password", "token": "Token"}'],
  ['argocd-cm', 'clientSecret: $dex.github.clientSecret\n'],
  ['ca.crt', '-----BEGIN CERTIFICATE-----\nMIIB\n'],
  ['config.yaml', 'secret: /run/secrets/x\nauth:\n  type: token\n  tokenHeader: X\n'],
])('nothing to say of a ConfigMap with %s', (key, text) => {
  expect(configMap(key, text)).toEqual([]);
});

test('descriptions of kinds, and copies of an object, are not looked into', () => {
  const yaml = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: a}
spec: {description: "as in redis://user:password@host"}
---
apiVersion: v1
kind: Service
metadata:
  name: a
  annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"url": "redis://user:password@host"}'}`;
  expect(findingsOf(secretInPlainText, yaml)).toEqual([]);
});

test('long texts cost no more than their length', () => {
  const started = performance.now();
  for (const text of [
    'a'.repeat(400_000),
    'a:'.repeat(200_000),
    '://'.repeat(100_000),
    'password='.repeat(50_000),
    '-'.repeat(400_000),
    '"'.repeat(400_000),
    ' '.repeat(400_000),
    'a_'.repeat(200_000),
  ]) {
    configMap('config', text);
    configMap('KEY', `${text}\n${text}`);
    variable('A_PASSWORD', text);
  }
  expect(performance.now() - started).toBeLessThan(60_000);
});
