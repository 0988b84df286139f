package org.mayfly.knock.crypto;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.KeyStatus;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.prf.HkdfPrfKey;
import com.google.crypto.tink.prf.HkdfPrfParameters;
import com.google.crypto.tink.util.Bytes;
import com.google.gson.JsonObject;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.Secret;
import org.mayfly.knock.ServerIdentity;

/**
 * The keys of one client at one server: a Tink keyset of HKDF-PRF keys, each SHA-256 with a secret of 32 bytes and the
 * server's id for salt. Immutable. More than one key is enabled while a client changes from one to the next.
 */
public final class ClientKeyset {
    private final KeysetHandle handle;
    private final ServerIdentity server;

    private ClientKeyset(KeysetHandle handle, ServerIdentity server) {
        this.handle = handle;
        this.server = server;
    }

    /** One new key. */
    public static ClientKeyset create(ServerIdentity server) throws GeneralSecurityException {
        return ofSecret(Secret.random(Enrolment.SECRET_LENGTH), server);
    }

    /** One key, from an enrolment. */
    public static ClientKeyset ofSecret(Secret secret, ServerIdentity server) throws GeneralSecurityException {
        return of(KeysetHandle.newBuilder().addEntry(primary(secret, server)).build(), server);
    }

    /**
     * Reads what {@link #toJson} made.
     *
     * @throws GeneralSecurityException one line if it is no keyset, a key is not of our kind, or belongs to another
     *     server
     */
    public static ClientKeyset fromJson(JsonObject json, ServerIdentity server) throws GeneralSecurityException {
        return of(Cleartext.fromJson(json), server);
    }

    private static ClientKeyset of(KeysetHandle handle, ServerIdentity server) throws GeneralSecurityException {
        for (int i = 0; i < handle.size(); i++) {
            check(handle.getAt(i), server);
        }
        return new ClientKeyset(handle, server);
    }

    private static void check(KeysetHandle.Entry entry, ServerIdentity server) throws GeneralSecurityException {
        if (!(entry.getKey() instanceof HkdfPrfKey key)
                || key.getParameters().getHashType() != HkdfPrfParameters.HashType.SHA256
                || key.getParameters().getKeySizeBytes() != Enrolment.SECRET_LENGTH) {
            throw new GeneralSecurityException(
                    "key " + Integer.toUnsignedString(entry.getId()) + " is not an HKDF-SHA-256 key of 32 bytes");
        }
        Bytes salt = key.getParameters().getSalt();
        if (salt == null || !Arrays.equals(salt.toByteArray(), server.id())) {
            throw new GeneralSecurityException(
                    "key " + Integer.toUnsignedString(entry.getId()) + " was made for another server");
        }
    }

    /** A new key, and of these the primary alone: a key is good until the second rotation after it was made. */
    public ClientKeyset rotated() throws GeneralSecurityException {
        KeysetHandle.Builder.Entry fresh = primary(Secret.random(Enrolment.SECRET_LENGTH), server);
        KeysetHandle.Builder kept = KeysetHandle.newBuilder(handle);
        for (int i = handle.size() - 1; i >= 0; i--) {
            if (!handle.getAt(i).isPrimary()) {
                kept.deleteAt(i);
            }
        }
        return of(kept.addEntry(fresh).build(), server);
    }

    /** A new key and none of these, from now on: what one that leaked needs. */
    public ClientKeyset renewed() throws GeneralSecurityException {
        return create(server);
    }

    /** The enabled keys, primary first. New objects at each call, for one thread. */
    public List<KnockSender> keys() throws GeneralSecurityException {
        List<KnockSender> keys = new ArrayList<>();
        for (int i = 0; i < handle.size(); i++) {
            KeysetHandle.Entry entry = handle.getAt(i);
            if (entry.getStatus() == KeyStatus.ENABLED) {
                HkdfPrfKey key = (HkdfPrfKey) entry.getKey();
                keys.add(entry.isPrimary() ? 0 : keys.size(), new HkdfKnockKey(entry.getId(), key, server));
            }
        }
        return List.copyOf(keys);
    }

    /** The keyset in Tink's JSON, secrets in clear: for a file that only its owner can read. */
    public JsonObject toJson() throws GeneralSecurityException {
        return Cleartext.toJson(handle);
    }

    /** What goes into an enrolment: 32 bytes. */
    @AccessesPartialKey
    public Secret primarySecret() {
        return Cleartext.fromTink(((HkdfPrfKey) handle.getPrimary().getKey()).getKeyBytes());
    }

    @AccessesPartialKey
    private static KeysetHandle.Builder.Entry primary(Secret secret, ServerIdentity server)
            throws GeneralSecurityException {
        HkdfPrfParameters parameters = HkdfPrfParameters.builder()
                .setKeySizeBytes(secret.length())
                .setHashType(HkdfPrfParameters.HashType.SHA256)
                .setSalt(Bytes.copyFrom(server.id()))
                .build();
        HkdfPrfKey key = HkdfPrfKey.builder()
                .setParameters(parameters)
                .setKeyBytes(Cleartext.toTink(secret))
                .build();
        return KeysetHandle.importKey(key).withRandomId().makePrimary();
    }

    @Override
    public String toString() {
        return "ClientKeyset(" + handle.size() + " keys, hidden)";
    }
}
