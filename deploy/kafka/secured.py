"""A broker as departments meet it in production: TLS on every listener, a password for each user, default deny.

Two listeners: one for the operator and the broker itself, who prove themselves by certificates and may do everything;
one for departments and services, by SCRAM. A certificate's principal is `User:CN=…`, which no user name can equal.
"""

import ssl
from pathlib import Path
from typing import Final

from deploy.kafka.broker import HOST, Broker
from deploy.kafka.certificates import Authority
from deploy.kafka.probe import free_ports
from shared.settings import BrokerSettings

PROPERTIES: Final = """\
listeners=BROKER://{{host}}:{{port}},DEPARTMENTS://{{host}}:{departments},CONTROLLER://{{host}}:{{controller}}
advertised.listeners=BROKER://{{host}}:{{port}},DEPARTMENTS://{{host}}:{departments}
listener.security.protocol.map=BROKER:SSL,CONTROLLER:SSL,DEPARTMENTS:SASL_SSL
ssl.keystore.type=PEM
ssl.keystore.location={folder}/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={folder}/authority.pem
listener.name.broker.ssl.client.auth=required
listener.name.controller.ssl.client.auth=required
listener.name.departments.ssl.client.auth=none
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.departments.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.departments.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:CN=broker;User:CN=operator
"""


class SecuredBroker(Broker):
    """Files in `folder`; certificates in its `certificates`, made anew with each object, and so good for one run."""

    def __init__(self, folder: Path) -> None:
        authority = Authority(folder / "certificates")
        authority.certify("broker")
        self._operator = authority.certify("operator")
        self._authority = authority.file
        [self._departments] = free_ports(1)
        more = PROPERTIES.format(departments=self._departments, folder=authority.folder)
        tls = ssl.create_default_context(cafile=authority.file)
        tls.load_cert_chain(self._operator)
        super().__init__(folder, more=more, tls=tls)

    def operator(self) -> BrokerSettings:
        """What the operator's command is told."""
        return BrokerSettings(
            kafka_bootstrap=self.bootstrap,
            kafka_tls=True,
            kafka_ca_file=self._authority,
            kafka_certificate_file=self._operator,
        )

    def user(self, name: str, password_file: Path) -> BrokerSettings:
        """What a department or a service is told."""
        return BrokerSettings(
            kafka_bootstrap=f"{HOST}:{self._departments}",
            kafka_tls=True,
            kafka_ca_file=self._authority,
            kafka_user=name,
            kafka_password_file=password_file,
        )
