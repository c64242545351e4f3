/**
 * Bearers on gRPC calls.
 */
@NullMarked
package io.github.oauth2pkce.bearer.grpc;

import org.jspecify.annotations.NullMarked;
