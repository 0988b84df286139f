package org.mayfly.knock.crypto;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.prf.PrfConfig;
import com.google.crypto.tink.util.SecretBytes;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.security.GeneralSecurityException;
import org.mayfly.knock.Secret;

/**
 * The one place where secrets leave or enter Tink in clear, and so the one user of {@link InsecureSecretKeyAccess}:
 * keysets are kept in files of mode 0600, and a client's secret travels in its enrolment URI.
 */
final class Cleartext {
    private Cleartext() {}

    static SecretBytes toTink(Secret secret) {
        return SecretBytes.copyFrom(secret.copy(), InsecureSecretKeyAccess.get());
    }

    static Secret fromTink(SecretBytes bytes) {
        return Secret.of(bytes.toByteArray(InsecureSecretKeyAccess.get()));
    }

    static JsonObject toJson(KeysetHandle keyset) throws GeneralSecurityException {
        PrfConfig.register(); // tells Tink's JSON format about HKDF keys; once is enough, more do no harm
        return JsonParser.parseString(TinkJsonProtoKeysetFormat.serializeKeyset(
                        keyset, RegistryConfiguration.get(), InsecureSecretKeyAccess.get()))
                .getAsJsonObject();
    }

    /** Its exception has no cause: nobody can say what of the text a parser quotes. */
    static KeysetHandle fromJson(JsonObject json) throws GeneralSecurityException {
        PrfConfig.register();
        try {
            return TinkJsonProtoKeysetFormat.parseKeyset(
                    json.toString(), RegistryConfiguration.get(), InsecureSecretKeyAccess.get());
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new GeneralSecurityException("it is not a Tink keyset in JSON");
        }
    }
}
