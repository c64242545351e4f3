// oidc-provider as an authorization server, and a resource that takes its tokens (RFC 9728, RFC 9068).
// One line for everything that the test asks about; the first has the addresses.
import { createServer } from 'node:http';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { Provider } from 'oidc-provider';

const options = JSON.parse(process.env.OPTIONS ?? '{}');
const say = (...words) => console.log(words.join(' '));

const listen = (server, port) =>
  new Promise((resolve) => server.listen(port ?? 0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}`)));

const authorizationServer = createServer((request, response) => provider.callback()(request, response));
const api = createServer((request, response) => serve(request, response));
const issuer = await listen(authorizationServer, options.port);
const origin = await listen(api);
const resource = `${origin}/mcp`;
const metadata = `${origin}/.well-known/oauth-protected-resource/mcp`;

const provider = new Provider(issuer, {
  scopes: ['openid', 'offline_access', 'profile', ...(options.scopes ?? [])],
  claims: { profile: ['name'] },
  cookies: { keys: ['a key for tests'] },
  ttl: { AccessToken: () => options.accessTokenTtl ?? 300 },
  features: {
    deviceFlow: { enabled: true, mask: '****-****' },
    registration: { enabled: true, initialAccessToken: options.initialAccessToken },
    registrationManagement: { enabled: true, rotateRegistrationAccessToken: true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({
        scope: 'tools:read tools:write',
        audience: resource,
        accessTokenFormat: 'jwt',
        accessTokenTTL: options.accessTokenTtl ?? 300,
      }),
    },
  },
});
for (const event of ['registration_create.success', 'registration_delete.success', 'refresh_token.consumed']) {
  provider.on(event, () => say(event));
}
provider.on('registration_create.error', (ctx, error) => say('registration_create.error', error.error_description));
provider.on('authorization.error', (ctx, error) => say('authorization.error', error.message, error.error_description));
provider.on('authorization.success', (ctx) => say('authorization.success', JSON.stringify(ctx.oidc.params)));
provider.on('server_error', (ctx, error) => say('server_error', error.stack));
const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));

async function serve(request, response) {
  const answer = (status, body, challenge) => {
    if (challenge !== undefined) {
      response.setHeader('WWW-Authenticate', `Bearer ${challenge}resource_metadata="${metadata}"`);
    }
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  };
  if (request.url === new URL(metadata).pathname) {
    return answer(200, { resource, authorization_servers: [issuer], scopes_supported: ['tools:read'] });
  }
  const token = request.headers.authorization?.replace(/^Bearer /, '');
  if (token === undefined) {
    return answer(401, {}, '');
  }
  try {
    const { payload } = await jwtVerify(token, keys, { issuer, audience: resource, clockTolerance: 0 });
    if (request.url === '/mcp/write' && !payload.scope.split(' ').includes('tools:write')) {
      return answer(403, {}, 'error="insufficient_scope", scope="tools:write", ');
    }
    return answer(200, payload);
  } catch (error) {
    say('resource', error.code);
    return answer(401, {}, 'error="invalid_token", ');
  }
}

say(JSON.stringify({ issuer, resource }));
