// oidc-provider as an authorization server, and a resource that takes its tokens (RFC 9728, RFC 9068).
// One line for everything that the test asks about; the first has the addresses.
import { hash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { calculateJwkThumbprint, createRemoteJWKSet, EmbeddedJWK, jwtVerify } from 'jose';
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
  // By itself it lets a bound refresh token work for long.
  ...(options.dpop ? { rotateRefreshToken: () => true } : {}),
  ...(options.client ? { clients: [options.client] } : {}),
  features: {
    ...(options.dpop ? { dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true } } : {}),
    ...(options.fapi ? { fapi: { enabled: true, profile: '2.0' } } : {}),
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: options.par ?? false },
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
for (const event of [
  'registration_create.success', 'registration_delete.success', 'refresh_token.consumed',
  'pushed_authorization_request.success',
]) {
  provider.on(event, () => say(event));
}
provider.on('registration_create.error', (ctx, error) => say('registration_create.error', error.error_description));
provider.on('authorization.error', (ctx, error) => say('authorization.error', error.message, error.error_description));
provider.on('authorization.success', (ctx) => say('authorization.success', JSON.stringify(ctx.oidc.params)));
provider.on('grant.success', (ctx) => say('grant.success', ctx.oidc.params.grant_type));
provider.on('grant.error', (ctx, error) => say('grant.error', error.message, error.error_description));
provider.on('server_error', (ctx, error) => say('server_error', error.stack));
const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));

// What RFC 9449 section 4.3 asks for. Each nonce is good for three proofs.
const seen = new Set();
let nonce;
let left = 0;

async function checkProof(request, token, thumbprint) {
  const { payload, protectedHeader } = await jwtVerify(request.headers.dpop ?? '', EmbeddedJWK, {
    typ: 'dpop+jwt', algorithms: ['ES256'], maxTokenAge: 60, clockTolerance: 1,
  });
  const check = (good, code) => {
    if (!good) {
      throw Object.assign(new Error(code), { code });
    }
  };
  check(payload.htm === request.method && payload.htu === origin + new URL(request.url, origin).pathname, 'target');
  check(payload.ath === hash('sha256', token, 'base64url'), 'ath');
  check((await calculateJwkThumbprint(protectedHeader.jwk)) === thumbprint, 'key');
  check(!seen.has(payload.jti), 'replay');
  seen.add(payload.jti);
  if (left === 0) {
    nonce = randomBytes(8).toString('hex');
    left = 3;
  }
  check(payload.nonce === nonce, 'use_dpop_nonce');
  left -= 1;
}

async function serve(request, response) {
  const scheme = options.dpop ? 'DPoP' : 'Bearer';
  const answer = (status, body, challenge) => {
    if (challenge !== undefined) {
      response.setHeader('WWW-Authenticate', `${scheme} ${challenge}resource_metadata="${metadata}"`);
    }
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  };
  if (request.url === new URL(metadata).pathname) {
    return answer(200, { resource, authorization_servers: [issuer], scopes_supported: ['tools:read'] });
  }
  const [sent, token] = request.headers.authorization?.split(' ') ?? [];
  if (sent !== scheme) {
    return answer(401, {}, '');
  }
  try {
    const { payload } = await jwtVerify(token, keys, { issuer, audience: resource, clockTolerance: 0 });
    if (options.dpop) {
      await checkProof(request, token, payload.cnf?.jkt);
    }
    if (request.url === '/mcp/write' && !payload.scope.split(' ').includes('tools:write')) {
      return answer(403, {}, 'error="insufficient_scope", scope="tools:write", ');
    }
    return answer(200, payload);
  } catch (error) {
    say('resource', error.code);
    if (error.code === 'use_dpop_nonce') {
      response.setHeader('DPoP-Nonce', nonce);
      return answer(401, {}, 'error="use_dpop_nonce", ');
    }
    return answer(401, {}, 'error="invalid_token", ');
  }
}

say(JSON.stringify({ issuer, resource }));
