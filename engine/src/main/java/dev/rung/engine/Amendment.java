package dev.rung.engine;

import dev.rung.engine.record.ContainerRecord;
import dev.rung.oci.json.JsonFields;

/** Somebody who has a say in what a container becomes, before anybody sees it. */
public interface Amendment {
    /**
     * The record with what is to be different: its configuration and what is asked of the machine.
     * What is thrown ends the making of the container, of which nothing is left.
     *
     * @param config the config.json that it would be started with
     */
    ContainerRecord amend(ContainerRecord record, JsonFields config);
}
