"""What a user is told if no TLS connection to a broker can be made."""

import ssl
from pathlib import Path

from ..errors import SetupError


def cannot_trust(ca: Path | str, error: OSError) -> SetupError:
    """The error to raise if the certificates to trust cannot be read from the file that --broker-ca names."""
    reason = "it holds no certificate as PEM" if isinstance(error, ssl.SSLError) else error.strerror
    return SetupError(f"--broker-ca {ca} cannot be used ({reason}); name a file of certificates as PEM.")


def no_tls(shown: str, error: ssl.SSLError) -> SetupError:
    """The error to raise if TLS with the broker fails. `shown` is the broker's address."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return SetupError(
            f"The certificate of the broker at {shown} is not trusted ({error.verify_message}); name the "
            "certificate of its authority with --broker-ca FILE.pem, or in the variable SSL_CERT_FILE."
        )
    return SetupError(f"No TLS with the broker at {shown} ({error.reason or error}).")
